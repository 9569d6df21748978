import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore

/// Lets a bounded number of reads at the tape at a time; the others wait in a line of bounded length.
///
/// A read holds on to a state of the tape. As long as some read does, one after the other without a pause, the WAL cannot be begun
/// anew and grows. So when it has grown long, the gate lets the reads under way come to their end and waits for the writer's
/// next checkpoint before it lets in others.
final class ReadGate: Sendable {
    private struct State {
        var active = 0
        var waiting: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        var lastID: UInt64 = 0
        var isDraining = false
    }

    private let limit: Int
    private let maxWaiting: Int
    /// Whether the reads have kept the WAL from being reused for too long.
    private let mustDrain: @Sendable () -> Bool
    private let state = NIOLockedValueBox(State())

    init(limit: Int, maxWaiting: Int, mustDrain: @escaping @Sendable () -> Bool = { false }) {
        self.limit = limit
        self.maxWaiting = maxWaiting
        self.mustDrain = mustDrain
    }

    var active: Int { state.withLockedValue { $0.active } }
    var waiting: Int { state.withLockedValue { $0.waiting.count } }

    /// - Throws: a ``Problem`` 503 when the line is full.
    func pass<Value: Sendable>(_ read: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await read()
    }

    private func enter() async throws {
        let isLong = mustDrain()
        let id = state.withLockedValue { state -> UInt64? in
            // Without a read under way there is nothing to wait for.
            if isLong, state.active > 0 { state.isDraining = true }
            if !state.isDraining, state.active < limit {
                state.active += 1
                return nil
            }
            state.lastID += 1
            return state.lastID
        }
        guard let id else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome = state.withLockedValue { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    // It may have become free in between.
                    if !state.isDraining, state.active < limit {
                        state.active += 1
                        return .success(())
                    }
                    guard state.waiting.count < maxWaiting else { return .failure(Problem.busy) }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiter = state.withLockedValue { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func leave() {
        let isDrained = state.withLockedValue { state in
            state.active -= 1
            return state.isDraining && state.active == 0
        }
        guard isDrained else { return admit() }
        Task {
            // The writer checkpoints at its next batch; nobody waits longer than a second for a server without traffic.
            for _ in 0..<50 where mustDrain() { try? await Task.sleep(for: .milliseconds(20)) }
            state.withLockedValue { $0.isDraining = false }
            admit()
        }
    }

    private func admit() {
        let admitted = state.withLockedValue { state -> [CheckedContinuation<Void, any Error>] in
            guard !state.isDraining else { return [] }
            let count = min(limit - state.active, state.waiting.count)
            guard count > 0 else { return [] }
            let admitted = state.waiting.prefix(count).map(\.continuation)
            state.waiting.removeFirst(count)
            state.active += count
            return admitted
        }
        for continuation in admitted { continuation.resume() }
    }
}

extension Problem {
    static let busy = Problem(
        status: .serviceUnavailable, title: "Too many questions",
        detail: "The tape is being asked by too many at once. Try again in a moment.",
        headers: [.retryAfter: "1"])
}
