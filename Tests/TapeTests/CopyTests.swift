import Foundation
import NIOCore
import Testing

@testable import Tape

@Suite("Tapes made from tapes")
struct CopyTests {
    /// Three people in two rooms and two namespaces, with acks, broadcasts, attachments and a marker.
    private func conversation(sid: String = "socket", shift: Int64 = 0) -> [TapeRecord] {
        var records: [TapeRecord] = []
        for number in UInt64(1)...3 {
            records += connected(number)
            records += [roomChange(number, .join, number == 3 ? "other" : "r", at: 10)]
            records += [
                packet(number, number, .in, at: 20, event: "ask", ack: 7, #"["ask",\#(number)]"#),
                packet(number, number, .out, .ack, at: 21, ack: 7, "[\(number)]"),
                packet(
                    number, number, .in, .binaryEvent, at: 30, event: "file\(number)", #"["file\#(number)",{"_placeholder":true,"num":0}]"#,
                    attachments: [[UInt8(number)]]),
            ]
        }
        records += [
            broadcast(1, at: 40, event: "cast"), delivery(of: 1, to: [1, 2, 3], at: 41),
            record(50, .marker(name: "half")),
            broadcast(2, at: 60, event: "cast", attachments: [[9]]), delivery(of: 2, to: [1, 3], at: 61),
            packet(1, nil, .out, .connectError, at: 62, namespace: "/nowhere", #"{"message":"Invalid namespace"}"#),
            record(63, .dropped(TapeDrop(session: 2, event: "tick", bytes: 5, broadcast: nil))),
        ]
        return records.map { TapeRecord(at: $0.at + shift, kind: $0.kind) }
    }

    private func made(_ folder: TapeFolder, _ change: (inout TapeSelection) -> Void) throws -> String {
        var selection = TapeSelection()
        change(&selection)
        let path = folder.file("out-\(UUID().uuidString.prefix(6)).tape")
        let summary = try TapeCut.cut(folder.tape, to: path, selection)
        #expect(try rows(path, "SELECT count(*) FROM packets") == ["\(summary.packets)"])
        #expect(try rows(path, "PRAGMA integrity_check") == ["ok"])
        #expect(try rows(path, "PRAGMA user_version") == ["\(TapeMigrations.latest)"])
        return path
    }

    /// Rows of the cut tape that are not rows of the whole one.
    private func strangers(_ folder: TapeFolder, _ path: String, _ columns: String, _ view: String) throws -> [String] {
        let whole = Set(try rows(folder.tape, "SELECT \(columns) FROM \(view)"))
        return try rows(path, "SELECT \(columns) FROM \(view)").filter { !whole.contains($0) }
    }

    @Test("a cut without a choice is the same tape")
    func everything() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, conversation())
        let path = try made(folder) { _ in }
        for question in [
            "SELECT * FROM packets ORDER BY id", "SELECT * FROM sessions", "SELECT * FROM connections", "SELECT * FROM acks",
            "SELECT * FROM runs",
            "SELECT * FROM room_changes", "SELECT packet_id, idx, hex(data) FROM attachments ORDER BY 1", "SELECT * FROM markers",
            "SELECT * FROM drops",
            "SELECT e.name, block, packets_in, packets_out, bytes FROM event_block JOIN event_name e ON e.id = event_id ORDER BY 1",
        ] {
            #expect(try rows(path, question) == rows(folder.tape, question), "\(question)")
        }
    }

    @Test("a cut keeps the sessions that were chosen, whole, with the ids they had, and nothing of the others")
    func sessions() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, conversation())
        let path = try made(folder) { $0.sessions = [1, 3] }
        #expect(try rows(path, "SELECT id FROM sessions") == ["1", "3"])
        #expect(
            try rows(path, "SELECT * FROM packets WHERE session_id IS NOT NULL ORDER BY id")
                == rows(folder.tape, "SELECT * FROM packets WHERE session_id IN (1, 3) ORDER BY id"))
        for (columns, view) in [("*", "acks"), ("*", "room_changes"), ("packet_id, idx, hex(data)", "attachments")] {
            #expect(try strangers(folder, path, columns, view) == [])
        }
        #expect(try rows(path, "SELECT name FROM event_name ORDER BY 1") == ["ask", "cast", "file1", "file3"])
        #expect(try rows(path, "SELECT DISTINCT session_id FROM receiver ORDER BY 1") == ["1", "3"])
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(data.range(of: Data("socket2".utf8)) == nil && data.range(of: Data("file2".utf8)) == nil)
    }

    @Test("a cut by event keeps connects, the event and its acks")
    func events() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, conversation())
        let asks = try made(folder) { $0.events = ["ask"] }
        #expect(
            try rows(asks, "SELECT type, count(*) FROM packets WHERE session_id IS NOT NULL GROUP BY 1 ORDER BY 1") == [
                "ack|3", "connect|6", "event|3",
            ])
        #expect(try rows(asks, "SELECT status, count(*) FROM acks GROUP BY 1") == ["acked|3"])
        let file = try made(folder) { $0.events = ["file2"] }
        #expect(try rows(file, "SELECT id FROM sessions") == ["2"])
        #expect(try rows(file, "SELECT count(*) FROM acks") == ["0"])
        #expect(try rows(file, "SELECT hex(data) FROM attachments") == ["02"])
    }

    @Test("a cut by time keeps the connects of those who are there, and the acks of what was asked")
    func time() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, conversation())
        let late = try made(folder) { $0.since = start + 40 }
        #expect(
            try rows(late, "SELECT event, type, count(*) FROM packets WHERE session_id IS NOT NULL GROUP BY 1, 2") == [
                "-|connect|6", "cast|binary_event|2", "cast|event|3",
            ])
        #expect(try rows(late, "SELECT count(*), (SELECT name FROM markers) FROM acks") == ["0|half"])
        #expect(try rows(late, "SELECT count(*) FROM room_changes WHERE action = 'join'") == ["3"])
        let early = try made(folder) { $0.until = start + 21 }
        #expect(try rows(early, "SELECT status, count(*) FROM acks GROUP BY 1") == ["pending|3"])
        #expect(try rows(early, "SELECT count(*) FROM packets WHERE type = 'ack'") == ["0"])
        let nothing = try made(folder) { $0.namespaces = ["/it's not there"] }
        #expect(try rows(nothing, "SELECT count(*) FROM packets") == ["0"])
    }

    @Test("a cut never overwrites, and leaves nothing behind when it fails")
    func refusal() async throws {
        let folder = TapeFolder()
        try await writeTape(folder.tape, conversation())
        #expect(throws: TapeError.exists(path: folder.tape)) { try TapeCut.cut(folder.tape, to: folder.tape, TapeSelection()) }
        #expect(throws: TapeError.missing(path: folder.file("no.tape"))) {
            try TapeCut.cut(folder.file("no.tape"), to: folder.file("o.tape"), TapeSelection())
        }
        #expect(throws: TapeError.missing(path: folder.file("no.tape"))) {
            try TapeMerge.merge([folder.tape, folder.file("no.tape")], to: folder.file("o.tape"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["t.tape"])
    }

    @Test("a tape is cut while it is being recorded")
    func growing() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve))
        writer.append(conversation())
        #expect(await eventually { writer.status.packets > 20 })
        let path = try made(folder) { $0.sessions = [2] }
        #expect(try rows(path, "SELECT status FROM runs") == ["ended"])
        try await writer.close()
    }

    @Test("a merge has one time line, all rows of both, and every link where it was")
    func merge() async throws {
        let folder = TapeFolder()
        let paths = [folder.file("a.tape"), folder.file("b.tape"), folder.file("c.tape")]
        try await writeTape(paths[0], conversation())
        try await writeTape(paths[1], conversation(shift: 5))
        try await writeTape(
            paths[2],
            [packet(9, 9, .in, .connect, namespace: "/late"), roomChange(9, .join, "r", namespace: "/late")].map {
                TapeRecord(at: $0.at + 1000, kind: $0.kind)
            })
        try await writeTape(paths[2], conversation(shift: 2000))
        let out = folder.file("out.tape")
        let summary = try TapeMerge.merge(paths, to: out)
        #expect(summary.runs == 4)
        #expect(try rows(out, "PRAGMA integrity_check") == ["ok"])
        #expect(try rows(out, "SELECT count(*), count(DISTINCT id) FROM packets") == ["\(summary.packets)|\(summary.packets)"])
        // One time line: ids rise with the time (a delivery is later than its id, as the others here are not).
        #expect(
            try rows(
                out,
                "SELECT count(*) FROM (SELECT at_us - lag(at_us) OVER (ORDER BY id) AS step FROM packets WHERE event IS NULL OR event <> 'cast') WHERE step < -30"
            ) == ["0"])
        // Everything of a source is there, in its order.
        let columns = "direction, type, namespace, event, ack_id, data, attachments, bytes, at_us"
        for (index, path) in paths.prefix(2).enumerated() {
            #expect(
                try rows(out, "SELECT \(columns) FROM packets WHERE run_id = \(index + 1) ORDER BY id")
                    == rows(path, "SELECT \(columns) FROM packets ORDER BY id"))
            let acks = """
                SELECT a.event, a.status, q.data, r.data, a.latency_ms, s.sid FROM acks a JOIN packets q ON q.id = a.request_id
                LEFT JOIN packets r ON r.id = a.response_id JOIN sessions s ON s.id = a.session_id
                """
            #expect(try rows(out, acks + " WHERE s.run_id = \(index + 1) ORDER BY q.id") == rows(path, acks + " ORDER BY q.id"))
            let rooms =
                "SELECT c.sid, c.room, c.action, c.cause, p.type FROM room_changes c LEFT JOIN packets p ON p.id = c.packet_id JOIN sessions s ON s.id = c.session_id"
            #expect(try rows(out, rooms + " WHERE s.run_id = \(index + 1) ORDER BY c.id") == rows(path, rooms + " ORDER BY c.id"))
            let files = "SELECT p.event, a.idx, hex(a.data) FROM attachments a JOIN packets p ON p.id = a.packet_id"
            #expect(try rows(out, files + " WHERE p.run_id = \(index + 1) ORDER BY p.id") == rows(path, files + " ORDER BY p.id"))
        }
        #expect(try rows(out, "SELECT count(*), count(DISTINCT run_id) FROM markers") == ["3|3"])
        #expect(try rows(out, "SELECT name FROM namespace ORDER BY 1") == ["/", "/late", "/nowhere"])
        let counts =
            "SELECT e.name, sum(packets_in), sum(packets_out), sum(bytes) FROM event_block JOIN event_name e ON e.id = event_id GROUP BY 1"
        #expect(
            try rows(out, counts)
                == rows(paths[0], counts).map { line in
                    let parts = line.split(separator: "|")
                    return ([String(parts[0])] + parts.dropFirst().map { "\((Int($0) ?? 0) * 3)" }).joined(separator: "|")
                })
        // By run and by time, as the inspector asks.
        let reader = try TapeReader(path: out)
        for run in Int64(1)...2 {
            var filter = PacketFilter()
            filter.run = run
            let found = filter
            #expect(
                try await reader.read { try $0.packets(found, after: 0, limit: 1000).items.count }
                    == Int(rows(paths[0], "SELECT count(*) FROM packets")[0]))
        }
        // A merged tape is a tape: it can be recorded to, and cut.
        try reader.close()
        try await writeTape(out, connected(1))
        #expect(try rows(out, "SELECT count(*), max(run_id) FROM packets WHERE run_id = 5") == ["2|5"])
        var selection = TapeSelection()
        selection.sessions = [4]
        #expect(try TapeCut.cut(out, to: folder.file("cut.tape"), selection).sessions == 1)
    }

    @Test("a scrubbed cut has lost what was named, wherever it stood, and nothing else")
    func scrubs() async throws {
        let folder = TapeFolder()
        var records = [
            record(
                0,
                .connectionOpened(
                    TapeConnection(
                        number: 1, sid: "engine", engineProtocol: 4, transport: "polling", remoteAddress: nil,
                        url: "/socket.io/?EIO=4&ssn=111-22&lang=en", headers: [("ssn", "111-22"), ("accept", "all")]))),
            record(
                1,
                .sessionConnected(
                    TapeSession(
                        number: 1, connection: 1, sid: "s", namespace: "/", auth: ByteBuffer(string: #"{"ssn":"111-22","user":"ann"}"#),
                        recovered: false))),
            packet(1, 1, .in, at: 2, event: "pay", ack: 1, #"["pay",{"card":"4111"},{"ssn":"111-22","card":"kept"}]"#),
            packet(1, 1, .out, .ack, at: 3, ack: 1, #"[{"ssn":"111-22"}]"#),
            packet(
                1, 1, .in, .binaryEvent, at: 4, event: "file", #"["file",{"_placeholder":true,"num":0}]"#, attachments: [[1, 2, 3]]),
        ]
        records += [broadcast(1, at: 5, event: "cast"), delivery(of: 1, to: [1], at: 6)]
        try await writeTape(folder.tape, records)
        let path = folder.file("scrubbed.tape")
        let redaction = try Redaction(adding: ["ssn", "pay:$[0].card", "file:$[0]"], key: [1, 2, 3])
        _ = try TapeCut.cut(folder.tape, to: path, TapeSelection(), scrubbing: redaction)
        let bytes = try Data(contentsOf: URL(filePath: path))
        for secret in ["111-22", "4111"] { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret)") }
        let token = "redacted-" + String(repeating: "[0-9a-f]", count: 16)
        #expect(
            try rows(
                path,
                "SELECT url GLOB '*ssn=\(token)&lang=en', headers GLOB '*\(token)*all*' OR headers GLOB '*all*\(token)*' FROM connections")
                == ["1|1"])
        #expect(
            try rows(path, "SELECT json_extract(auth, '$.ssn') GLOB '\(token)', json_extract(auth, '$.user') FROM sessions") == ["1|ann"])
        #expect(
            try rows(
                path,
                "SELECT args ->> '$[0].card' GLOB '\(token)', args ->> '$[1].ssn' GLOB '\(token)', args ->> '$[1].card' FROM events WHERE event = 'pay'"
            )
                == ["1|1|kept"])
        // one value, one token
        #expect(
            try rows(
                path,
                "SELECT count(*) FROM sessions s, packets p WHERE p.type = 'ack' AND p.data ->> '$[0].ssn' = s.auth ->> '$.ssn'")
                == ["1"])
        #expect(try rows(path, "SELECT cast(data AS TEXT) GLOB '\(token)' FROM attachments") == ["1"])
        // a second time changes nothing
        let again = folder.file("again.tape")
        _ = try TapeCut.cut(path, to: again, TapeSelection(), scrubbing: try Redaction(adding: ["ssn", "pay:$[0].card", "file:$[0]"]))
        #expect(try rows(again, "SELECT data FROM packets ORDER BY id") == rows(path, "SELECT data FROM packets ORDER BY id"))
    }
}
