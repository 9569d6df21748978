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

    @Test("of one session it tells the CONNECT too, however late the server decides to accept it", arguments: [false, true])
    func lateDecision(isBehind: Bool) async throws {
        let folder = try TestPlaces.temporaryFolder()
        let path = folder.appending(path: "t.tape").path
        let writer = try TapeWriter(path: path, run: TapeRun(kind: .serve))
        let reader = try TapeReader(path: path)
        var limits = LiveFeed.Limits()
        limits.interval = .milliseconds(1)
        if isBehind { limits.windowItems = 1 }
        let feed = LiveFeed(limits: limits) { after in
            try reader.read { tape in
                guard let after else { return ([], try tape.lastID()) }
                let found = try tape.changes(after: after)
                return (found.items, found.upTo)
            }
        }
        let written = NIOLockedValueBox("")
        func listen(to session: Int64, after: Int64? = nil) -> Task<Void, any Error> {
            Task {
                var filter = PacketFilter()
                filter.session = session
                var listener = LiveListener(feed: feed, filter: filter, kind: nil) { body in try reader.read(body) }
                try await feed.listening { position in
                    try await listener.run(from: after, end: position) { text in
                        written.withLockedValue { $0 += String(buffer: text) }
                    }
                }
            }
        }
        @Sendable func ids() -> [Int64] {
            written.withLockedValue { text in
                text.components(separatedBy: "\n\n").filter { !$0.contains("event: ready") }
                    .compactMap { $0.firstMatch(of: /id: (\d+)/).flatMap { Int64($0.1) } }
            }
        }
        let task = listen(to: 1)
        try await eventually("the greeting") { written.withLockedValue { $0.contains("event: ready") } }
        writer.append(
            Self.record(
                .connectionOpened(
                    TapeConnection(
                        number: 1, sid: "e", engineProtocol: 4, transport: "websocket", remoteAddress: nil, url: "/", headers: []))))
        writer.append(Self.packet(session: 1, .in, .connect))
        for count in 1...10 {
            // Another, refused at once, goes on; the feed has read all of it while the first still waits.
            writer.append(Self.packet(session: 2, .in, .connect))
            writer.append(Self.packet(session: 2, .out, .connectError))
            try await eventually("the feed to have read it") {
                // The feed has something after the last id but one.
                if case .nothing = feed.next(after: Int64(2 * count + 1)) { false } else { true }
            }
        }
        #expect(ids().isEmpty)
        writer.append(
            Self.record(.sessionConnected(TapeSession(number: 1, connection: 1, sid: "s", namespace: "/", auth: nil, recovered: false))))
        writer.append(Self.packet(session: 1, .out, .connect))
        writer.append(Self.packet(session: 1, .in, .event))
        try await eventually("its packets") { ids().count >= 3 }
        #expect(ids() == [2, 24, 25])
        #expect(written.withLockedValue { !$0.contains("skipped") })
        // One that is refused has nothing to tell, and holds nobody.
        let refused = listen(to: 2, after: 0)
        try await eventually("the second greeting") { written.withLockedValue { $0.contains("{\"after\":0}") } }
        writer.append(Self.packet(session: 1, .in, .event))
        try await eventually("the last") { ids().count >= 4 }
        #expect(ids() == [2, 24, 25, 26])
        feed.end()
        try await task.value
        try await refused.value
        try reader.close()
        try await writer.close()
    }

    private static func record(_ kind: TapeRecord.Kind) -> TapeRecord { TapeRecord(at: 1_790_000_000_000_000, kind: kind) }

    private static func packet(session: UInt64, _ direction: TapeDirection, _ type: TapePacketType) -> TapeRecord {
        record(
            .packet(
                TapePacket(
                    connection: 1, session: session, direction: direction, type: type, namespace: "/", event: type == .event ? "e" : nil,
                    ackID: nil, payload: nil, attachments: [], bytes: 1)))
    }

    private static func change(_ id: Int64) throws -> RoomChangeRow {
        let json = """
            {"id": \(id), "session_id": 1, "sid": "s", "at": "", "at_us": 0, "namespace": "/", "room": "r", "action": "join"}
            """
        return try JSONDecoder().decode(RoomChangeRow.self, from: Data(json.utf8))
    }
}
