import NIOConcurrencyHelpers
import TestSupport
import Testing

@testable import Tapedeck

@Suite("The gate before the tape")
struct ReadGateTests {
    @Test("lets in so many at a time, lets so many wait, and turns the others away")
    func bounds() async throws {
        let gate = ReadGate(limit: 2, maxWaiting: 3)
        let isOpen = NIOLockedValueBox(false)
        let most = NIOLockedValueBox(0)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    try await gate.pass {
                        most.withLockedValue { $0 = max($0, gate.active) }
                        try await eventually("the end") { isOpen.withLockedValue { $0 } }
                    }
                    return true
                }
            }
            try await eventually("a full line") { gate.active == 2 && gate.waiting == 3 }
            await #expect(throws: Problem.self) { try await gate.pass {} }
            isOpen.withLockedValue { $0 = true }
            for try await isDone in group { #expect(isDone) }
        }
        #expect(most.withLockedValue { $0 } == 2)
        #expect(gate.active == 0 && gate.waiting == 0)
    }

    @Test("forgets who stops waiting")
    func cancellation() async throws {
        let gate = ReadGate(limit: 1, maxWaiting: 3)
        let isOpen = NIOLockedValueBox(false)
        let first = Task { try await gate.pass { try await eventually("the end") { isOpen.withLockedValue { $0 } } } }
        try await eventually("the first") { gate.active == 1 }
        let second = Task { try await gate.pass {} }
        try await eventually("the second") { gate.waiting == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        isOpen.withLockedValue { $0 = true }
        try await first.value
        #expect(gate.active == 0 && gate.waiting == 0)
    }

    @Test("lets all reads come to their end when the WAL has grown long, before it lets in the next")
    func drains() async throws {
        let isLong = NIOLockedValueBox(false)
        let gate = ReadGate(limit: 4, maxWaiting: 100) { isLong.withLockedValue { $0 } }
        let mayEnd = NIOLockedValueBox(false)
        let overlapping = NIOLockedValueBox(false)
        let first = Task { try await gate.pass { try await eventually("the end") { mayEnd.withLockedValue { $0 } } } }
        try await eventually("the first") { gate.active == 1 }
        isLong.withLockedValue { $0 = true }
        let others = (0..<10).map { _ in
            Task {
                try await gate.pass { if !mayEnd.withLockedValue({ $0 }) { overlapping.withLockedValue { $0 = true } } }
            }
        }
        try await eventually("those who wait") { gate.waiting == 10 }
        #expect(gate.active == 1)
        mayEnd.withLockedValue { $0 = true }
        isLong.withLockedValue { $0 = false }
        try await first.value
        for other in others { try await other.value }
        #expect(!overlapping.withLockedValue { $0 })
    }
}
