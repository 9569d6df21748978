import Foundation
import NIOCore
import Testing

@testable import Tape

@Suite("The tape's reader")
struct ReaderTests {
    /// Two runs of conversation with everything in it that the lists tell apart.
    static func conversation() -> [TapeRecord] {
        var records = (1...4).flatMap { connected($0) }
        records += [
            record(5, .enginePacket(TapeEnginePacket(connection: 1, direction: .out, type: .ping, payload: nil, bytes: 1))),
            record(6, .enginePacket(TapeEnginePacket(connection: 1, direction: .in, type: .pong, payload: nil, bytes: 1))),
            record(
                7,
                .enginePacket(TapeEnginePacket(connection: 2, direction: .in, type: .ping, payload: ByteBuffer(string: "probe"), bytes: 6))),
            packet(2, 9, .in, .connect, at: 8, namespace: "/private"),
            packet(2, 9, .out, .connectError, at: 9, namespace: "/private", #"{"message":"no"}"#),
            packet(3, nil, .in, at: 10, namespace: "/nobody", event: "stray", #"["stray"]"#),
            roomChange(1, .join, "r1", at: 20), roomChange(2, .join, "r1", at: 21), roomChange(3, .join, "r2", at: 22),
        ]
        for round in 0..<20 {
            let at = Int64(100 + round * 100)
            let number = UInt64(round + 1)
            records += [
                packet(1, 1, .in, at: at, event: "chat", ack: number, "[\"chat\",\"Message 50% \(round)\"]"),
                broadcast(number, at: at + 1, event: round % 5 == 0 ? "rare" : "cast", attachments: round == 3 ? [[9]] : []),
                delivery(of: number, to: [1, 2, 3, 4].filter { $0 != UInt64(round % 4 + 1) }, at: at + 2),
                delivery(of: number, to: [UInt64(round % 4 + 1)], at: at + 3),
                packet(1, 1, .out, .ack, at: at + 4 + Int64(round * 1000), ack: number, "[true]"),
            ]
            if round == 10 { records.append(roomChange(2, .leave, "r1", at: at + 50)) }
        }
        records.append(record(5000, .sessionDisconnected(session: 4, reason: "bye")))
        return records
    }

    private func tape() async throws -> (TapeFolder, TapeReader) {
        let folder = TapeFolder()
        try await writeTape(folder.tape, Self.conversation())
        try await writeTape(
            folder.tape, Self.conversation().map { TapeRecord(at: $0.at + 1_000_000_000, kind: $0.kind) })
        return (folder, try TapeReader(path: folder.tape))
    }

    @Test("pages through packets as the view has them, by any filter and page size")
    func packetsEqualTheView() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let second = start + 1_000_000_000
        let cases: [(where: String, set: @Sendable (inout PacketFilter) -> Void)] = [
            ("1", { $0.includesHeartbeats = true }),
            ("NOT (type IN ('ping', 'pong') AND data IS NULL)", { _ in }),
            ("type = 'ping'", { $0.type = "ping" }),
            ("session_id = 2", { $0.session = 2 }),
            ("session_id = 6", { $0.session = 6 }),
            ("session_id = 9", { $0.session = 9 }),
            ("connection_id = 2", { $0.connection = 2 }),
            ("connection_id = 1 AND NOT (type IN ('ping', 'pong') AND data IS NULL)", { $0.connection = 1 }),
            ("namespace = '/private'", { $0.namespace = "/private" }),
            ("namespace = '/nobody'", { $0.namespace = "/nobody" }),
            ("event = 'chat'", { $0.event = "chat" }),
            ("event = 'rare'", { $0.event = "rare" }),
            (
                "event = 'rare' AND session_id = 3",
                {
                    $0.event = "rare"; $0.session = 3
                }
            ),
            ("event = 'stray'", { $0.event = "stray" }),
            ("0", { $0.event = "never" }),
            ("0", { $0.namespace = "/never" }),
            (
                "direction = 'in' AND layer = 'socket'",
                {
                    $0.direction = .in; $0.layer = .socket
                }
            ),
            (
                "layer = 'engine'",
                {
                    $0.layer = .engine; $0.includesHeartbeats = true
                }
            ),
            ("type = 'ack'", { $0.type = "ack" }),
            ("type = 'binary_event'", { $0.type = "binary_event" }),
            (
                "run_id = 2 AND session_id > 0",
                {
                    $0.run = 2; $0.layer = .socket; $0.namespace = "/"
                }
            ),
            ("broadcast_id = 24", { $0.broadcast = 24 }),
            ("id IN (SELECT request_id FROM acks WHERE status = 'acked')", { $0.ackStatus = .acked }),
            ("id IN (SELECT request_id FROM acks WHERE status = 'pending')", { $0.ackStatus = .pending }),
            ("id IN (SELECT request_id FROM acks WHERE latency_ms >= 0.2)", { $0.minAckMilliseconds = 0.2 }),
            (
                "at_us >= \(second + 500) AND at_us < \(second + 900)",
                {
                    $0.since = second + 500; $0.until = second + 900
                }
            ),
            (
                "at_us >= \(second) AND event = 'cast'",
                {
                    $0.since = second; $0.event = "cast"
                }
            ),
            ("data LIKE '%50~% 1%' ESCAPE '~'", { $0.text = "50% 1" }),
            ("data LIKE '%message%'", { $0.text = "mEssage" }),
            (
                "session_id IN (SELECT session_id FROM room_changes WHERE room = 'r1' AND run_id IN (1, 2)) AND (SELECT action FROM room_changes c WHERE c.session_id = packets.session_id AND room = 'r1' AND c.id <= packets.id ORDER BY c.id DESC LIMIT 1) = 'join'",
                { $0.room = "r1" }
            ),
        ]
        for (condition, set) in cases {
            var filter = PacketFilter()
            set(&filter)
            let expected = try rows(
                folder.tape,
                "SELECT id, run_id, connection_id, session_id, at, at_us, direction, layer, type, namespace, event, ack_id, data, attachments, bytes, broadcast_id FROM packets WHERE \(condition) ORDER BY id"
            )
            for limit in [1, 7, 1000] {
                var found: [PacketRow] = []
                var after: Int64? = 0
                while let cursor = after {
                    let page = try reader.readNow { try $0.packets(filter, after: cursor, limit: limit) }
                    #expect(page.items.count <= limit)
                    found += page.items
                    after = page.next
                }
                #expect(found.map(\.line) == expected, "\(condition), \(limit) at a time")
                var newest: [PacketRow] = []
                var before: Int64? = .max
                while let cursor = before {
                    let page = try reader.readNow { try $0.newestPackets(filter, before: cursor, limit: limit, patience: .zero) }
                    #expect(page.items.count <= limit)
                    newest += page.items
                    before = page.next
                }
                #expect(newest.map(\.line) == expected.reversed(), "\(condition), \(limit) at a time, newest first")
                if limit > 1, expected.count > 200 { break }
            }
        }
    }

    @Test("counts packets over time, and acks by latency")
    func histograms() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let cases: [(where: String, set: @Sendable (inout PacketFilter) -> Void)] = [
            ("1", { $0.includesHeartbeats = true }), ("event = 'cast'", { $0.event = "cast" }), ("session_id = 2", { $0.session = 2 }),
            (
                "direction = 'in' AND run_id = 2",
                {
                    $0.direction = .in; $0.run = 2
                }
            ), ("data LIKE '%message%'", { $0.text = "message" }),
            (
                "at_us >= \(start + 300) AND at_us < \(start + 700)",
                {
                    $0.since = start + 300; $0.until = start + 700
                }
            ),
        ]
        for (condition, set) in cases {
            var filter = PacketFilter()
            filter.includesHeartbeats = true
            set(&filter)
            let found = try reader.readNow { [filter] in try $0.histogram(filter, buckets: 7, patience: .seconds(60)) }
            #expect(found.isExact)
            #expect(found.incoming.count == 7)
            for (direction, counts) in [("in", found.incoming), ("out", found.outgoing)] {
                let expected = try (0..<7).map { step -> String in
                    let from = found.from + Int64(step) * found.step
                    return try rows(
                        folder.tape,
                        "SELECT count(*) FROM packets WHERE (\(condition)) AND direction = '\(direction)' AND at_us >= \(from) AND at_us < \(from + found.step)"
                    )[0]
                }
                #expect(counts.map(String.init) == expected, "\(condition), \(direction)")
                #expect(
                    "\(counts.reduce(0, +))"
                        == (try rows(folder.tape, "SELECT count(*) FROM packets WHERE (\(condition)) AND direction = '\(direction)'"))[0])
            }
        }
        for event in [nil, "ask", "never"] as [String?] {
            var filter = AckFilter()
            filter.event = event
            let found = try reader.readNow { [filter] in try $0.ackHistogram(filter) }
            let condition = event.map { "event = '\($0)'" } ?? "1"
            for status in AckRow.Status.allCases {
                let expected = try rows(folder.tape, "SELECT count(*) FROM acks WHERE status = '\(status.rawValue)' AND \(condition)")
                #expect(["\(found.counts[status] ?? 0)"] == expected, "\(condition) \(status)")
            }
            for bucket in found.buckets {
                let expected = try rows(
                    folder.tape,
                    "SELECT count(*) FROM acks WHERE latency_ms >= \(bucket.from) AND latency_ms < \(bucket.to ?? 1e12) AND \(condition)")
                #expect(["\(bucket.count)"] == expected)
            }
            #expect(
                ["\(found.buckets.reduce(0) { $0 + $1.count })"]
                    == (try rows(folder.tape, "SELECT count(*) FROM acks WHERE latency_ms IS NOT NULL AND \(condition)")))
        }
    }

    @Test("finds one packet of any kind by its id")
    func onePacket() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        for id in try rows(folder.tape, "SELECT id FROM packets").compactMap({ Int64($0) }) {
            #expect(try reader.readNow { try $0.packet(id)?.id } == id)
        }
        #expect(try reader.readNow { try $0.packet(1) } == nil)
        #expect(try reader.readNow { try $0.packet(1_000_000) } == nil)
    }

    @Test("gives attachments of packets and of broadcasts")
    func attachments() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let ids = try rows(folder.tape, "SELECT packet_id FROM attachments ORDER BY 1").compactMap { Int64($0) }
        #expect(ids.count == 8)
        for id in ids {
            #expect(try reader.readNow { try $0.attachments(of: id) } == [AttachmentRow(packetID: id, index: 0, bytes: 1)])
            #expect(try reader.readNow { try $0.attachment(of: id, index: 0) } == ByteBuffer(bytes: [9]))
            #expect(try reader.readNow { try $0.attachment(of: id, index: 1) } == nil)
        }
    }

    @Test("lists acks by status and latency")
    func acks() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        var filter = AckFilter()
        filter.minLatencyMilliseconds = 10
        let slow = try reader.readNow { try $0.acks(filter) }
        #expect(slow.items.count == 20 && slow.next == nil)
        for ack in slow.items {
            #expect(ack.status == .acked)
            #expect(ack.latencyMilliseconds ?? 0 >= 10)
            #expect(ack.event == "chat")
            #expect(ack.direction == .in)
        }
        filter = AckFilter()
        filter.status = .lost
        #expect(try reader.readNow { try $0.acks(filter).items } == [])
        filter.status = .acked
        filter.session = 1
        let first = try reader.readNow { try $0.acks(filter, limit: 15) }
        let rest = try reader.readNow { try $0.acks(filter, after: first.next ?? 0, limit: 15) }
        #expect(first.items.count == 15 && rest.items.count == 5 && rest.next == nil)
    }

    @Test("tells who was in which room at a moment")
    func rooms() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let moment = start + 500
        #expect(
            try reader.readNow { try $0.rooms(at: moment) } == [
                RoomRow(namespace: "/", room: "r1", members: 2), RoomRow(namespace: "/", room: "r2", members: 1),
            ])
        #expect(try reader.readNow { try $0.roomMembers(room: "r1", at: start + 1200).items.map(\.sessionID) } == [1])
        #expect(try reader.readNow { try $0.roomMembers(room: "r1", at: moment).items.map(\.sid) } == ["socket1", "socket2"])
        #expect(try reader.readNow { try $0.rooms(of: 2, at: moment).map(\.room) } == ["r1"])
        #expect(try reader.readNow { try $0.rooms() } == [])
        var filter = RoomChangeFilter()
        filter.room = "r1"
        let actions = try reader.readNow { try $0.roomChanges(filter).items }.map(\.action.rawValue)
        #expect(actions == ["join", "join", "leave", "join", "join", "leave"])
    }

    @Test("counts events, and everything else")
    func summary() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        let events = try reader.readNow { try $0.events() }
        let counted = try rows(
            folder.tape,
            "SELECT event, sum(direction = 'in'), sum(direction = 'out'), sum(bytes) FROM packets WHERE event IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1"
        )
        #expect(events.map { "\($0.event)|\($0.packetsIn)|\($0.packetsOut)|\($0.bytes)" } == counted)
        let summary = try reader.readNow { try $0.summary() }
        #expect(
            try rows(folder.tape, "SELECT count(*), sum(direction = 'in'), sum(direction = 'out') FROM packets") == [
                "\(summary.packets)|\(summary.packetsIn)|\(summary.packetsOut)"
            ])
        #expect(
            [summary.runs, summary.sessions, summary.openSessions, summary.broadcasts, summary.acks, summary.gaps] == [2, 8, 0, 40, 40, 0])
        #expect(summary.firstAt == "2026-09-21T14:13:20.000000Z")
        #expect(summary.fileBytes > 10_000)
        #expect(
            try reader.readNow { try $0.sessions().items.map(\.packetsOut) }
                == rows(folder.tape, "SELECT packets_out FROM sessions").map { Int64($0)! })
        #expect(try reader.readNow { try $0.connections(run: 2).items.map(\.id) } == [5, 6, 7, 8])
        #expect(try reader.readNow { try $0.runs(after: 1).items.map(\.status) } == ["ended"])
    }

    @Test("speaks JSON with the views' column names")
    func json() async throws {
        let (folder, reader) = try await tape()
        defer { withExtendedLifetime(folder) {} }
        func keys(_ row: some Encodable) throws -> Set<String> {
            let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(row)) as? [String: Any]
            return Set((object ?? [:]).keys)
        }
        func columns(_ view: String) -> Set<String> { Set(ViewsTests.contract.first { $0.view == view }!.columns) }
        let tape = try await reader.read {
            try ($0.runs().items[0], $0.connections().items[0], $0.sessions().items[0], $0.acks().items[0], $0.roomChanges().items[0])
        }
        #expect(try keys(tape.0).subtracting(["status"]).isSubset(of: columns("runs")))
        #expect(try keys(tape.1).isSubset(of: columns("connections")))
        #expect(try keys(tape.2).isSubset(of: columns("sessions")))
        #expect(try keys(tape.3) == columns("acks"))
        #expect(try keys(tape.4).subtracting(["cause", "packet_id"]) == columns("room_changes"))
        let chat = try await reader.read { tape in
            var filter = PacketFilter()
            filter.event = "cast"
            return try tape.packets(filter).items[0]
        }
        #expect(try keys(chat).union(["ack_id"]) == columns("packets"))
    }

    @Test("writes times as the views do")
    func times() throws {
        let folder = TapeFolder()
        let connection = try SQLiteConnection(path: folder.file("x.db"), flags: 6)
        for time in [0, 1, 999_999, 1_000_000, start, start + 123_456, 951_782_400_000_000, 4_102_444_799_999_999] as [Int64] {
            let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%S', \(time) / 1000000, 'unixepoch') || printf('.%06dZ', \(time) % 1000000)"
            #expect(try rows(connection, sql) == [UnixTime.text(time)])
        }
    }

    @Test("follows a tape that is being written")
    func growing() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
        let reader = try TapeReader(path: folder.tape)
        var seen: [Int64] = []
        writer.append(connected(1))
        for index in 0..<2000 { writer.append(packet(1, 1, .in, at: Int64(index), event: "e", #"["e"]"#)) }
        let isComplete = try await eventually {
            let page = try reader.readNow { try $0.packets(after: seen.last ?? 0, limit: 300) }
            seen += page.items.map(\.id)
            return seen.count >= 2002
        }
        #expect(isComplete)
        #expect(seen == Array(Set(seen)).sorted())
        try await writer.close()
    }
}

extension TapeReader {
    /// The blocking form, by name: an async context would choose the other.
    func readNow<Value>(_ body: (TapeSnapshot) throws -> Value) throws -> Value { try read(body) }
}

extension PacketRow {
    /// As `rows` writes it.
    fileprivate var line: String {
        let columns: [String?] = [
            "\(id)", "\(runID)", "\(connectionID)", sessionID.map { "\($0)" }, at, "\(atMicroseconds)", direction.rawValue, layer.rawValue,
            type,
            namespace, event, ackID.map { "\($0)" }, data, "\(attachments)", "\(bytes)", broadcastID.map { "\($0)" },
        ]
        return columns.map { $0 ?? "-" }.joined(separator: "|")
    }
}
