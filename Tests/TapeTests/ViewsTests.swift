import NIOCore
import Testing

@testable import Tape

@Suite("The views of a tape")
struct ViewsTests {
    /// As contract.md section 5 names them.
    static let contract: [(view: String, columns: [String])] = [
        ("runs", ["id", "started_at", "ended_at", "kind", "host", "software", "upstream", "settings"]),
        (
            "connections",
            [
                "id", "run_id", "sid", "protocol", "transport", "remote_address", "url", "headers", "opened_at", "upgraded_at", "closed_at",
                "close_reason", "bytes_in", "bytes_out",
            ]
        ),
        (
            "sessions",
            [
                "id", "connection_id", "run_id", "sid", "namespace", "auth", "connected_at", "disconnected_at", "reason", "recovered",
                "packets_in", "packets_out",
            ]
        ),
        (
            "packets",
            [
                "id", "run_id", "connection_id", "session_id", "at", "at_us", "direction", "layer", "type", "namespace", "event", "ack_id",
                "data", "attachments", "bytes", "broadcast_id",
            ]
        ),
        ("attachments", ["packet_id", "idx", "data"]),
        ("events", ["packet_id", "session_id", "at", "direction", "namespace", "event", "args", "ack_id", "broadcast_id"]),
        (
            "acks",
            [
                "request_id", "response_id", "session_id", "namespace", "event", "direction", "ack_id", "requested_at", "acked_at",
                "latency_ms", "status",
            ]
        ),
        ("room_changes", ["id", "session_id", "sid", "at", "at_us", "namespace", "room", "action"]),
        ("room_members", ["namespace", "room", "session_id", "sid", "since"]),
        ("gaps", ["id", "run_id", "from_at", "to_at", "packets", "reason"]),
        ("markers", ["id", "run_id", "at", "at_us", "name"]),
        ("rooms", ["namespace", "room", "members", "most"]),
        ("event_totals", ["event", "packets_in", "packets_out", "bytes"]),
        ("deliveries", ["packet_id", "broadcast_id", "at", "at_us", "namespace", "event", "data", "bytes", "receivers"]),
        ("drops", ["id", "session_id", "at", "at_us", "namespace", "event", "bytes", "broadcast_id"]),
    ]

    @Test("have the contract's columns, in that order", arguments: contract.indices)
    func columns(_ index: Int) async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, [])
        let (view, columns) = Self.contract[index]
        let found = try rows(folder.tape, "SELECT name FROM pragma_table_info('\(view)')")
        #expect(found.prefix(columns.count) == columns[...])
        let added = [
            "runs": ["status"], "connections": ["close_detail"], "sessions": ["recovered_from"], "packets": ["recovery_offset"],
            "room_changes": ["cause", "packet_id"],
        ]
        #expect(Array(found.dropFirst(columns.count)) == added[view] ?? [])
    }

    @Test("tell of markers, of volatile drops, and why a room was joined or left")
    func causes() async throws {
        let folder = TapeFolder()
        func change(_ action: TapeRoomChange.Action, _ cause: TapeRoomChange.Cause) -> TapeRecord {
            record(0, .roomChange(TapeRoomChange(session: 1, sid: "socket1", namespace: "/", room: "r", action: action, cause: cause)))
        }
        try await writeTape(
            folder.tape,
            connected(1) + [
                change(.join, .connect), packet(1, 1, .in, event: "leave", #"["leave"]"#), change(.leave, .app),
                record(5, .marker(name: "checkout begins")), broadcast(1, event: "tick"),
                record(6, .dropped(TapeDrop(session: 1, event: "tick", bytes: 20, broadcast: 1))),
                record(7, .dropped(TapeDrop(session: 1, event: "alone", bytes: 10, broadcast: nil))), change(.join, .app),
                change(.leave, .disconnect), record(8, .sessionDisconnected(session: 1, reason: "bye")),
            ])
        #expect(
            try rows(folder.tape, "SELECT action, cause, (SELECT type FROM packets p WHERE p.id = packet_id) FROM room_changes ORDER BY id")
                == ["join|connect|connect", "leave|app|event", "join|app|event", "leave|disconnect|event"])
        #expect(try rows(folder.tape, "SELECT run_id, at, name FROM markers") == ["1|2026-09-21T14:13:20.000005Z|checkout begins"])
        #expect(
            try rows(folder.tape, "SELECT session_id, namespace, event, bytes, broadcast_id FROM drops ORDER BY id")
                == ["1|/|tick|20|1", "1|/|alone|10|-"])
        // Ids go on behind them in the next run.
        try await writeTape(folder.tape, [record(0, .marker(name: "again"))])
        #expect(try rows(folder.tape, "SELECT count(DISTINCT id) FROM (SELECT id FROM markers UNION ALL SELECT id FROM drops)") == ["4"])
    }

    @Test("link a recovered session to the one it goes on from, and keep the offset out of the arguments")
    func recovery() async throws {
        let folder = TapeFolder()
        func recovered(_ number: UInt64, on connection: UInt64, sid: String) -> TapeRecord {
            record(
                9,
                .sessionConnected(TapeSession(number: number, connection: connection, sid: sid, namespace: "/", auth: nil, recovered: true))
            )
        }
        var sent = TapePacket(
            connection: 1, session: 1, direction: .out, type: .event, namespace: "/", event: "e",
            payload: ByteBuffer(string: #"["e",1,"off-1"]"#),
            bytes: 16)
        sent.recoveryOffset = "off-1"
        var cast = TapeBroadcast(
            number: 1, type: .event, namespace: "/", event: "c", payload: ByteBuffer(string: #"["c","off-2"]"#), bytes: 14)
        cast.recoveryOffset = "off-2"
        try await writeTape(
            folder.tape,
            connected(1) + [
                record(1, .packet(sent)), record(1, .broadcast(cast)), delivery(of: 1, to: [1]),
                record(2, .sessionDisconnected(session: 1, reason: "transport close")), connectionOpened(2),
                packet(2, 2, .in, .connect, #"{"pid":"p","offset":"off-2"}"#), recovered(2, on: 2, sid: "socket1"),
            ])
        #expect(try rows(folder.tape, "SELECT id, recovered, recovered_from FROM sessions") == ["1|0|-", "2|1|1"])
        #expect(
            try rows(folder.tape, "SELECT event, data, recovery_offset, bytes FROM packets WHERE event IS NOT NULL ORDER BY id")
                == [#"e|["e",1]|off-1|16"#, #"c|["c"]|off-2|14"#])
        #expect(try rows(folder.tape, "SELECT args FROM events ORDER BY packet_id") == ["[1]", "[]"])
    }

    @Test("name the file: application_id and user_version")
    func pragmas() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, [])
        #expect(try rows(folder.tape, "PRAGMA application_id") == ["\(0x5441_5045)"])
        #expect(try rows(folder.tape, "PRAGMA user_version") == ["\(TapeMigrations.latest)"])
        #expect(try rows(folder.tape, "PRAGMA journal_mode") == ["delete"])
        #expect(!folder.exists("t.tape-wal"))
    }

    @Test("tell of connections: handshake, upgrade, close")
    func connections() async throws {
        let folder = TapeFolder()
        try await writeTape(
            folder.tape,
            [
                connectionOpened(1),
                record(10, .connectionUpgraded(connection: 1, transport: "websocket")),
                record(20, .connectionClosed(connection: 1, reason: "transport close", detail: "gone", bytesIn: 5, bytesOut: 7)),
                connectionOpened(2, at: 1),
            ])
        #expect(
            try rows(
                folder.tape,
                "SELECT id, run_id, sid, protocol, transport, remote_address, url, opened_at, upgraded_at, closed_at, close_reason, bytes_in, bytes_out FROM connections LIMIT 1"
            ) == [
                "1|1|engine1|4|websocket|127.0.0.1:5000|/socket.io/?EIO=4&transport=polling|2026-09-21T14:13:20.000000Z|2026-09-21T14:13:20.000010Z|2026-09-21T14:13:20.000020Z|transport close|5|7"
            ])
        #expect(
            try rows(folder.tape, "SELECT headers ->> 'host', headers ->> 'x-a', headers ->> 'user-agent' FROM connections WHERE id = 1")
                == ["localhost|1, 2|say \"hi\"\n"])
        #expect(try rows(folder.tape, "SELECT close_reason, closed_at IS NULL FROM connections WHERE id = 2") == ["recording ended|0"])
    }

    @Test("tell of sessions, and leave out the sockets that were refused")
    func sessions() async throws {
        let folder = TapeFolder()
        try await writeTape(
            folder.tape,
            [
                connectionOpened(1),
                packet(1, 1, .in, .connect, at: 1, #"{"user":"a"}"#),
                sessionConnected(1, on: 1, at: 2, auth: #"{"user":"a"}"#),
                packet(1, 1, .out, .connect, at: 3, #"{"sid":"socket1"}"#),
                packet(1, 2, .in, .connect, at: 4, namespace: "/private"),
                packet(1, 2, .out, .connectError, at: 5, namespace: "/private", #"{"message":"no"}"#),
                packet(1, 1, .in, at: 6, event: "hi", #"["hi"]"#),
                record(7, .sessionDisconnected(session: 1, reason: "transport close")),
            ])
        #expect(
            try rows(
                folder.tape,
                "SELECT id, connection_id, run_id, sid, namespace, auth, connected_at, disconnected_at, reason, recovered, packets_in, packets_out FROM sessions"
            ) == [
                #"1|1|1|socket1|/|{"user":"a"}|2026-09-21T14:13:20.000002Z|2026-09-21T14:13:20.000007Z|transport close|0|2|1"#
            ])
        #expect(
            try rows(folder.tape, "SELECT session_id, connection_id, namespace, type FROM packets WHERE namespace = '/private'") == [
                "-|1|/private|connect", "-|1|/private|connect_error",
            ])
    }

    @Test("show packets of both layers in the order in which they came")
    func packets() async throws {
        let folder = TapeFolder()
        try await writeTape(
            folder.tape,
            [connectionOpened(1)]
                + [
                    record(
                        1,
                        .enginePacket(
                            TapeEnginePacket(
                                connection: 1, direction: .out, type: .open, payload: ByteBuffer(string: #"{"sid":"engine1"}"#), bytes: 18))
                    ),
                    record(
                        2,
                        .enginePacket(
                            TapeEnginePacket(connection: 1, direction: .in, type: .ping, payload: ByteBuffer(string: "probe"), bytes: 6))),
                    record(
                        3,
                        .enginePacket(
                            TapeEnginePacket(
                                connection: 1, direction: .in, type: .message, payload: ByteBuffer(bytes: [0xff, 0]), bytes: 3))),
                    packet(1, nil, .in, at: 4, namespace: "/nobody", event: "x", #"["x"]"#),
                    packet(1, 1, .in, .connect, at: 5),
                    sessionConnected(1, on: 1, at: 6),
                    packet(
                        1, 1, .in, .binaryEvent, at: 7, event: "bin", ack: 4, #"["bin",{"_placeholder":true,"num":0}]"#,
                        attachments: [[1, 2], []]),
                ])
        #expect(
            try rows(
                folder.tape,
                "SELECT run_id, connection_id, session_id, at_us - \(start), direction, layer, type, namespace, event, ack_id, data, attachments, bytes, broadcast_id FROM packets ORDER BY id"
            ) == [
                #"1|1|-|1|out|engine|open|-|-|-|{"sid":"engine1"}|0|18|-"#,
                #"1|1|-|2|in|engine|ping|-|-|-|"probe"|0|6|-"#,
                "1|1|-|3|in|engine|message|-|-|-|-|1|3|-",
                #"1|1|-|4|in|socket|event|/nobody|x|-|["x"]|0|8|-"#,
                "1|1|1|5|in|socket|connect|/|-|-|-|0|3|-",
                #"1|1|1|7|in|socket|binary_event|/|bin|4|["bin",{"_placeholder":true,"num":0}]|2|40|-"#,
            ])
        #expect(
            try rows(
                folder.tape, "SELECT p.type, a.idx, hex(a.data) FROM attachments a JOIN packets p ON p.id = a.packet_id ORDER BY p.id, idx")
                == [
                    "message|0|FF00", "binary_event|0|0102", "binary_event|1|",
                ])
    }

    @Test("cut the event's name off its arguments, however the client wrote it")
    func arguments() async throws {
        let folder = TapeFolder()
        let written = [
            ("a", #"["a",1,{"b":[2.50]},"é"]"#, #"[1,{"b":[2.50]},"é"]"#),
            ("a", #"["a"]"#, "[]"),
            ("a", #"[ "a" , 1 ]"#, "[ 1 ]"),
            ("a", " [\t\"a\"\n]", "[]"),
            ("a", #"["\u0061",12345678901234567890]"#, "[12345678901234567890]"),
            ("café", #"["caf\u00e9","x\ny"]"#, #"["x\ny"]"#),
            ("42", "[42,true]", "[true]"),
            ("42", "[ 42 ]", "[]"),
            ("say \"hi\"\n\\", #"["say \"hi\"\n\\",null]"#, "[null]"),
            ("\"", #"["\u0022"]"#, "[]"),
            ("", #"["",0]"#, "[0]"),
        ]
        try await writeTape(folder.tape, connected(1) + written.map { packet(1, 1, .in, event: $0.0, $0.1) })
        #expect(try rows(folder.tape, "SELECT args FROM events ORDER BY packet_id") == written.map(\.2))
        #expect(try rows(folder.tape, "SELECT event FROM events ORDER BY packet_id") == written.map(\.0))
        #expect(try rows(folder.tape, "SELECT count(*) FROM packets WHERE event IS NOT NULL AND json_valid(data)") == ["\(written.count)"])
        #expect(try rows(folder.tape, "SELECT DISTINCT direction, namespace, session_id FROM events") == ["in|/|1"])
    }

    @Test("unfold a broadcast into one packet per receiver")
    func broadcasts() async throws {
        let folder = TapeFolder()
        try await writeTape(
            folder.tape,
            (1...5).flatMap { connected($0) } + [
                broadcast(1, at: 10), delivery(of: 1, to: [1, 2], at: 11), delivery(of: 1, to: [5, 3, 4], at: 12),
                // The sender left out, then a newcomer.
                broadcast(2, at: 20), delivery(of: 2, to: [2], at: 21), delivery(of: 2, to: [3, 5], at: 22),
                broadcast(3, at: 30, attachments: [[7]]), delivery(of: 3, to: [1, 2, 3, 4, 5], at: 31),
            ])
        let found = try rows(
            folder.tape,
            "SELECT broadcast_id, session_id, connection_id, at_us - \(start), data FROM packets WHERE broadcast_id > 0 ORDER BY id")
        #expect(
            found == [
                #"1|1|1|11|["cast",1]"#, #"1|2|2|11|["cast",1]"#, #"1|3|3|12|["cast",1]"#, #"1|4|4|12|["cast",1]"#, #"1|5|5|12|["cast",1]"#,
                #"2|2|2|21|["cast",2]"#, #"2|3|3|22|["cast",2]"#, #"2|5|5|22|["cast",2]"#,
                #"3|1|1|31|["cast",3]"#, #"3|2|2|31|["cast",3]"#, #"3|3|3|31|["cast",3]"#, #"3|4|4|31|["cast",3]"#, #"3|5|5|31|["cast",3]"#,
            ])
        #expect(try rows(folder.tape, "SELECT count(DISTINCT id), count(*) FROM packets") == ["23|23"])
        #expect(try rows(folder.tape, "SELECT packets_out FROM sessions WHERE id = 5") == ["4"])
        #expect(
            try rows(folder.tape, "SELECT broadcast_id FROM packets WHERE session_id = 4 AND broadcast_id > 0 ORDER BY id") == ["1", "3"])
        #expect(
            try rows(
                folder.tape, "SELECT p.session_id, idx, hex(a.data) FROM attachments a JOIN packets p ON p.id = a.packet_id ORDER BY 1")
                == (1...5).map { "\($0)|0|07" })
        // Delivered to three groups whose lists could be shared: five receivers, then one and two of them, then all.
        #expect(try rows(folder.tape, "SELECT count(*) FROM receiver") == ["10"])
    }

    @Test("join acks to their requests, also of broadcasts and later batches")
    func acks() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: start))
        writer.append(connected(1) + connected(2))
        writer.append([
            packet(1, 1, .in, at: 1000, event: "fast", ack: 0, #"["fast"]"#),
            packet(1, 1, .out, .ack, at: 2500, ack: 0, "[]"),
            packet(1, 1, .out, at: 3000, event: "ask", ack: 0, #"["ask"]"#),
            packet(1, 1, .in, at: 4000, event: "lost", ack: 9, #"["lost"]"#),
            broadcast(1, at: 5000, ack: 7), delivery(of: 1, to: [1, 2], at: 5000),
        ])
        let committed = writer.committedID
        #expect(await eventually { writer.committedID > committed + 10 && writer.status.queued == 0 })
        writer.append([
            packet(1, 1, .in, .ack, at: 103_000, ack: 0, "[1]"),
            packet(2, 2, .in, .ack, at: 6000, ack: 7, "[]"),
            record(7000, .ackTimedOut(session: 1, ackID: 7)),
            record(8000, .sessionDisconnected(session: 1, reason: "gone")),
            packet(2, 2, .in, at: 9000, event: "open", ack: 1, #"["open"]"#),
        ])
        #expect(
            try await eventually { try rows(folder.tape, "SELECT count(*) FROM acks WHERE event = 'open' AND status = 'pending'") == ["1"] }
        )
        try await writer.close()
        #expect(
            try rows(
                folder.tape,
                "SELECT session_id, namespace, event, direction, ack_id, latency_ms, status, response_id IS NULL FROM acks ORDER BY request_id"
            ) == [
                "1|/|fast|in|0|1.5|acked|0", "1|/|ask|out|0|100.0|acked|0", "1|/|lost|in|9|-|lost|1", "1|/|cast|out|7|-|timeout|1",
                "2|/|cast|out|7|1.0|acked|0", "2|/|open|in|1|-|lost|1",
            ])
        #expect(
            try rows(
                folder.tape,
                "SELECT q.event, p.type, p.event FROM acks a JOIN packets q ON q.id = a.request_id JOIN packets p ON p.id = a.response_id ORDER BY latency_ms DESC LIMIT 2"
            ) == ["ask|ack|-", "fast|ack|-"])
    }

    @Test("tell who was in a room, and who is")
    func rooms() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: start))
        writer.append((1...3).flatMap { connected($0) })
        writer.append([
            roomChange(1, .join, "r1", at: 10), roomChange(2, .join, "r1", at: 11), roomChange(3, .join, "r1", at: 12),
            roomChange(3, .join, "r2", at: 13), roomChange(2, .leave, "r1", at: 14),
            record(15, .sessionDisconnected(session: 1, reason: "bye")),
        ])
        #expect(await eventually { writer.committedID >= 18 })
        #expect(
            try rows(
                folder.tape, "SELECT id, session_id, sid, at_us - \(start), namespace, room, action FROM room_changes WHERE room = 'r1'")
                == [
                    "13|1|socket1|10|/|r1|join", "14|2|socket2|11|/|r1|join", "15|3|socket3|12|/|r1|join", "17|2|socket2|14|/|r1|leave",
                ])
        #expect(
            try rows(folder.tape, "SELECT * FROM room_members ORDER BY room") == [
                "/|r1|3|socket3|2026-09-21T14:13:20.000012Z", "/|r2|3|socket3|2026-09-21T14:13:20.000013Z",
            ])
        try await writer.close()
        #expect(try rows(folder.tape, "SELECT * FROM room_members") == [])
    }
}
