import Foundation
import NIOCore
import Testing

@testable import Tape

/// The worked questions of `docs/questions.md`, each asked of a tape whose answer is known.
@Suite("Twenty questions")
struct QuestionTests {
    /// Number -> SQL, as the page has them.
    static let page: [Int: String] = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/questions.md").path
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        var questions: [Int: String] = [:]
        for part in text.components(separatedBy: "\n### ").dropFirst() {
            guard let number = Int(part.prefix { $0.isNumber }), let start = part.range(of: "```sql\n"),
                let end = part.range(of: "\n```", range: start.upperBound..<part.endIndex)
            else { continue }
            questions[number] = String(part[start.upperBound..<end.lowerBound])
        }
        return questions
    }()

    static let answers: [Int: [String]] = [
        1: [
            "slow|0.9|2|2026-09-21T14:13:20.000100Z", "ask|0.3|1|2026-09-21T14:13:20.000100Z", "ask|0.2|2|2026-09-21T14:13:20.000110Z",
            "late|-|1|2026-09-21T14:13:20.000120Z",
        ],
        2: ["ID late|1|late|in|lost"],
        3: ["slow|1|0.9|0.9", "ask|2|0.2|0.3"],
        4: ["socket1", "socket2"],
        5: ["socket1|2026-09-21T14:13:20.005000Z"],
        6: [#"2|cast|["cast",2]"#, #"3|cast|["cast",3]"#],
        7: ["/|r1|2"],
        8: ["2026-09-21T14:13:20.002000Z|socket1|disconnect|late", "2026-09-21T14:13:20.006000Z|socket2|app|leave"],
        9: ["cast|0|6|120", "ask|2|0|20", "leave|1|0|12", "late|1|0|11", "slow|1|0|11"],
        10: ["ID leave|2026-09-21T14:13:20.000000Z|2|leave|[\"leave\"]"],
        11: [
            "connect|-|{\"sid\":\"socket2\"}", "ack|-|[1]", "ack|-|[2]", "event|cast|[\"cast\",1]", "event|cast|[\"cast\",2]",
            "event|cast|[\"cast\",3]", "event|cast|[\"cast\",4]",
        ],
        12: ["socket1", "socket2"],
        13: ["tick|3|2"],
        14: ["recording ended|-|2", "transport close|reset|1"],
        15: ["event|late", "event|cast", "ack|-", "event|ask", "connect|-", "connect|-"],
        16: ["2026-09-21T14:13:20Z|0|3"],
        17: ["2|127.0.0.1:5000|say \"hi\"\n|2026-09-21T14:13:20.000000Z", "3|127.0.0.1:5000|say \"hi\"\n|2026-09-21T14:13:20.004000Z"],
        18: ["3|1|socket1|0.003"],
        19: ["TOKEN|2"],
        20: ["1|2026-09-21T14:13:20.009000Z|2026-09-21T14:13:20.009000Z|5|somebody cut the cable"],
    ]

    @Test("are twenty, and each has its answer here")
    func count() {
        #expect(Self.page.keys.sorted() == Array(1...20))
        #expect(Self.answers.keys.sorted() == Array(1...20))
    }

    @Test("are answered", arguments: 1...20)
    func answer(_ number: Int) async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: start))
        writer.append(Self.story)
        // Read while it is being written, like the rest of the world does.
        let sql = try #require(Self.page[number])
        #expect(await eventually { writer.status.packets == Self.packets })
        let guarded = try await TapeReader(path: folder.tape).query(sql)
        if number != 14 { #expect(guarded.rows.count == Self.answers[number]?.count, "\(guarded.rows)") }
        try await writer.close()
        guard number != 5 else { return }  // nobody is anywhere when the recording has ended

        let found = try rows(folder.tape, sql).map { line in
            // Ids are not the matter: the packet's event stands in their place, or they are left out.
            line.replacing(/redacted-[0-9a-f]{16}/, with: "TOKEN")
        }
        let expected = try #require(Self.answers[number])
        switch number {
        case 2, 10: #expect(found.map { "ID " + (number == 2 ? "late" : "leave") + $0.drop { $0 != "|" } } == expected)
        case 11: #expect(found.map { $0.split(separator: "|").dropFirst(2).joined(separator: "|") } == expected)
        case 15: #expect(found.map { $0.split(separator: "|")[3...4].joined(separator: "|") } == expected)
        default: #expect(found == expected)
        }
    }

    @Test("who is in a room now is answered while the recording lasts")
    func now() async throws {
        let folder = TapeFolder()
        let writer = try TapeWriter(path: folder.tape, run: TapeRun(kind: .serve, startedAt: start))
        writer.append(Self.story)
        #expect(await eventually { writer.status.packets == Self.packets })
        #expect(try rows(folder.tape, try #require(Self.page[5])) == Self.answers[5])
        try await writer.close()
    }

    static let packets = story.reduce(0) { $0 + $1.packetCount }

    /// Ann and Bob in a room; Ann is cut off, misses two broadcasts and is back as a recovered session.
    static let story: [TapeRecord] = {
        func session(_ number: UInt64, _ auth: String, at offset: Int64) -> TapeRecord {
            record(
                offset,
                .sessionConnected(
                    TapeSession(
                        number: number, connection: number, sid: "socket\(number)", namespace: "/", auth: ByteBuffer(string: auth),
                        recovered: false)))
        }
        func change(_ session: UInt64, _ action: TapeRoomChange.Action, _ cause: TapeRoomChange.Cause, at offset: Int64) -> TapeRecord {
            record(
                offset,
                .roomChange(
                    TapeRoomChange(session: session, sid: "socket\(session)", namespace: "/", room: "r1", action: action, cause: cause)))
        }
        var story: [TapeRecord] = []
        for (number, auth) in [(UInt64(1), #"{"user":"ann","token":"t"}"#), (2, #"{"user":"bob","token":"t"}"#)] {
            story += [
                connectionOpened(number), packet(number, number, .in, .connect), session(number, auth, at: 1),
                packet(number, number, .out, .connect, at: 2, #"{"sid":"socket\#(number)"}"#), change(number, .join, .app, at: 10),
            ]
        }
        story += [
            record(15, .connectionUpgraded(connection: 1, transport: "websocket")),
            packet(1, 1, .in, at: 100, event: "ask", ack: 1, #"["ask"]"#), packet(2, 2, .in, at: 110, event: "ask", ack: 1, #"["ask"]"#),
            packet(2, 2, .in, at: 100, event: "slow", ack: 2, #"["slow"]"#), packet(2, 2, .out, .ack, at: 310, ack: 1, "[1]"),
            packet(1, 1, .out, .ack, at: 400, ack: 1, "[1]"), packet(2, 2, .out, .ack, at: 1000, ack: 2, "[2]"),
            broadcast(1, at: 1100), delivery(of: 1, to: [1, 2], at: 1100), packet(1, 1, .in, at: 120, event: "late", ack: 9, #"["late"]"#),
            record(1150, .dropped(TapeDrop(session: 1, event: "tick", bytes: 5, broadcast: nil))),
            record(1160, .dropped(TapeDrop(session: 1, event: "tick", bytes: 5, broadcast: nil))),
            record(1170, .dropped(TapeDrop(session: 2, event: "tick", bytes: 5, broadcast: nil))),
            record(1200, .marker(name: "checkout begins")),
            change(1, .leave, .disconnect, at: 2000), record(2000, .sessionDisconnected(session: 1, reason: "transport close")),
            record(2000, .connectionClosed(connection: 1, reason: "transport close", detail: "reset", bytesIn: 1, bytesOut: 1)),
            broadcast(2, at: 3000), delivery(of: 2, to: [2], at: 3000), broadcast(3, at: 3500), delivery(of: 3, to: [2], at: 3500),
            connectionOpened(3, at: 4000),
        ]
        let back = TapeSession(
            number: 3, connection: 3, sid: "socket1", namespace: "/", auth: ByteBuffer(string: #"{"user":"ann"}"#), recovered: true)
        story += [
            packet(3, 3, .in, .connect, at: 4500), record(5000, .sessionConnected(back)),
            packet(3, 3, .out, .connect, at: 5000, #"{"sid":"socket3"}"#), change(3, .join, .app, at: 5000),
            broadcast(4, at: 5500), delivery(of: 4, to: [2, 3], at: 5500),
            packet(2, 2, .in, event: "leave", #"["leave"]"#), change(2, .leave, .app, at: 6000),
            record(9000, .lost(packets: 5, reason: "somebody cut the cable")),
        ]
        return story
    }()
}
