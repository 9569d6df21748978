import Foundation
import NIOConcurrencyHelpers
import NIOCore
import Tape
import TestSupport
import Testing

@testable import Tapedeck

private struct Unexpected: Error {}

@Suite("The live feed")
struct LiveFeedTests {
    private static func block(_ after: Int64, _ ids: ClosedRange<Int64>) throws -> LiveBlock {
        try LiveBlock(after: after, upTo: ids.upperBound, ids.map { .roomChange(try change($0)) })
    }

    @Test("keeps the last blocks, and says from where on")
    func window() throws {
        var window = LiveWindow(position: 10, maxBytes: 1_000_000, maxItems: 25)
        for start in stride(from: Int64(10), to: 60, by: 10) { window.add(try Self.block(start, start + 1...start + 10)) }
        #expect(window.position == 60)
        #expect(window.start == 40)
        guard case .behind(40) = window.next(after: 39) else { throw Unexpected() }
        guard case .block(let block) = window.next(after: 40) else { throw Unexpected() }
        #expect(block.upTo == 50)
        guard case .block(let last) = window.next(after: 59) else { throw Unexpected() }
        #expect(last.upTo == 60)
        guard case .nothing = window.next(after: 60) else { throw Unexpected() }
        window.add(try LiveBlock(after: 60, upTo: 70, []))
        guard case .nothing = window.next(after: 65) else { throw Unexpected() }
        #expect(window.position == 70)
    }

    @Test("a listener that falls out of the window is told what it skipped, and goes on")
    func skips() async throws {
        var limits = LiveFeed.Limits()
        limits.windowItems = 1
        limits.interval = .milliseconds(1)
        let end = NIOLockedValueBox<Int64>(0)
        let feed = LiveFeed(limits: limits) { after in
            let last = end.withLockedValue { $0 }
            guard let after, after < last else { return ([], after ?? last) }
            return ([.roomChange(try Self.change(after + 1))], after + 1)
        }
        let written = NIOLockedValueBox("")
        let mayGoOn = NIOLockedValueBox(false)
        let task = Task {
            var filter = PacketFilter()
            filter.includesHeartbeats = true
            var listener = LiveListener(feed: feed, filter: filter, kind: nil) { _ in ([], 0) }
            try await feed.listening { position in
                try await listener.run(from: nil, end: position) { text in
                    written.withLockedValue { $0 += String(buffer: text) }
                    // The first events are taken, then nothing for a long time.
                    if written.withLockedValue({ $0.contains("id: 1\n") }) {
                        try await eventually("leave to go on") { mayGoOn.withLockedValue { $0 } }
                    }
                }
            }
        }
        try await eventually("the greeting") { written.withLockedValue { $0.contains("event: ready") } }
        end.withLockedValue { $0 = 1 }
        try await eventually("the first") { written.withLockedValue { $0.contains("id: 1\n") } }
        end.withLockedValue { $0 = 50 }
        try await eventually("the feed to be ahead") {
            if case .behind(49) = feed.next(after: 1) { true } else { false }
        }
        mayGoOn.withLockedValue { $0 = true }
        try await eventually("the last") { written.withLockedValue { $0.contains("id: 50\n") } }
        let text = written.withLockedValue { $0 }
        #expect(text.contains("event: skipped\ndata: {\"after\":1,\"up_to\":49,\"reason\":\"the listener was too slow\"}"))
        #expect(!text.contains("id: 20\n"))
        feed.end()
        try await task.value
        #expect(feed.listenerCount == 0)
    }

    private static func change(_ id: Int64) throws -> RoomChangeRow {
        let json = """
            {"id": \(id), "session_id": 1, "sid": "s", "at": "", "at_us": 0, "namespace": "/", "room": "r", "action": "join"}
            """
        return try JSONDecoder().decode(RoomChangeRow.self, from: Data(json.utf8))
    }
}
