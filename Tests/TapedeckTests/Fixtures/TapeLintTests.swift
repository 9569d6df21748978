import Foundation
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("Linting a tape")
struct TapeLintTests {
    typealias Packet = Recording.Packet
    typealias Sketch = (
        at: Int64, direction: Recording.Direction, kind: Recording.Kind, event: String?, ackID: UInt64?, arguments: [JSONValue]
    )

    /// Seconds since 1970.
    static let start: Int64 = 1_700_000_000

    /// One client; times in seconds after the start.
    static func recording(_ packets: [Sketch], headers: [Recording.Header] = [], url: String = "/socket.io/?EIO=4") -> Recording {
        let all: [Sketch] =
            [(0, .incoming, .connect, nil, nil, []), (0, .outgoing, .connect, nil, nil, [["sid": "socket-id-0123456789"]])] + packets
        return Recording(
            runs: [.init(id: 1, kind: "serve", software: nil, startedAt: start * 1_000_000, endedAt: (start + 1000) * 1_000_000)],
            connections: [
                .init(id: 1, sid: "engine-id-0123456789", transport: "websocket", url: url, headers: headers, openedAt: start * 1_000_000)
            ],
            sessions: [.init(id: 1, connectionID: 1, sid: "socket-id-0123456789", namespace: "/")],
            packets: LongList(
                all.enumerated().map { index, packet in
                    Packet(
                        id: Int64(index + 1), connectionID: 1, sessionID: 1, at: (start + packet.at) * 1_000_000 + Int64(index),
                        direction: packet.direction, kind: packet.kind, event: packet.event, ackID: packet.ackID,
                        arguments: packet.arguments)
                }))
    }

    static func lint(_ packets: Sketch..., headers: [Recording.Header] = [], url: String = "/socket.io/?EIO=4") -> [LintFinding] {
        TapeLint.findings(in: recording(packets, headers: headers, url: url))
    }

    static func emit(_ event: String, _ arguments: JSONValue..., ackID: UInt64? = nil, at: Int64 = 1) -> Sketch {
        (at, .incoming, .event, event, ackID, arguments)
    }

    static func hear(_ event: String, _ arguments: JSONValue..., ackID: UInt64? = nil, at: Int64 = 1) -> Sketch {
        (at, .outgoing, .event, event, ackID, arguments)
    }

    @Test("finds nothing in a tape that will do")
    func clean() {
        let found = Self.lint(
            Self.emit("say", ["text": "hello", "n": 5, "since": "2021-03-04"], ackID: 1), (1, .outgoing, .ack, nil, 1, [true]),
            Self.hear("said", "hello"))
        #expect(found == [], "\(found)")
    }

    @Test(
        "finds dates that clients send and that expire, in each form",
        arguments: [
            "2023-11-20T10:00:00Z", "2099-01-01", "2023-11-20T10:00:00.123+02:00", .integer(start + 86_400),
            .integer((start + 86_400) * 1000),
            // {"exp": 1700086400}
            "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3MDAwODY0MDB9.c2lnbmF0dXJlLXNpZ25hdHVyZQ",
        ] as [JSONValue])
    func dates(date: JSONValue) throws {
        let found = Self.lint(Self.emit("book", ["on": date])).filter { $0.check == .dates }
        #expect(found.count == 1 && found[0].message.hasPrefix("'book' at $[0].on is "), "\(found)")
        #expect(found.first?.packetID == 3)
        #expect(Self.lint(Self.emit("book", ["on": "2021-01-01"])).isEmpty)
        let passed = found.first?.message.hasSuffix("has passed") == true
        #expect(passed != (date == "2099-01-01"))
    }

    @Test("finds the time of day in what the server sends, and says which rule takes it")
    func clock() {
        let found = Self.lint(
            Self.hear("news", ["at": "2023-11-14T22:13:21.000Z", "published": "2020-01-01"]),
            Self.hear("news", ["at": "2023-11-14T22:13:22.000Z", "published": "2020-01-01"], at: 2),
            Self.hear("tick", .integer((Self.start + 3) * 1000), at: 3)
        ).filter { $0.check == .clock }
        #expect(found.map(\.remedy) == ["--match 'news:$[0].at=iso8601'", "--match 'tick:$[0]=epoch'"])
        #expect(found.map(\.count) == [2, 1])
    }

    @Test("finds what a timer sent, and what came long after its cause")
    func timers() {
        let found = Self.lint(
            Self.emit("start", "the long job"), Self.hear("done", "the long job", at: 6), Self.hear("beat", at: 30))
        #expect(
            found.filter { $0.check == .timers }.map(\.message) == [
                "'done' came more than a second after what caused it",
                "'beat' came by itself: a timer or something outside made the server send it",
            ], "\(found)")
    }

    @Test("finds acks that nobody gave, on both sides")
    func acks() {
        let found = Self.lint(
            Self.emit("save", ackID: 1), Self.emit("load", ackID: 2), (1, .outgoing, .ack, nil, 2, []), Self.hear("sure?", ackID: 7),
            Self.hear("really?", ackID: 8), (1, .incoming, .ack, nil, 8, []))
        #expect(
            found.filter { $0.check == .acks }.map(\.message) == [
                "the server never answered 'save', which was sent with an ack",
                "a client never answered 'sure?', which the server sent with an ack",
            ], "\(found)")
    }

    @Test("finds gaps and runs without an end")
    func gaps() {
        var recording = Self.recording([])
        recording.gaps = [.init(packets: 7, reason: "the disk was full")]
        recording.runs = [.init(id: 1, kind: "serve", software: nil, startedAt: 0, endedAt: nil)]
        let found = TapeLint.findings(in: recording)
        #expect(found.map(\.check) == [.gaps, .gaps] && found[1].message.contains("7 packets"), "\(found)")
        #expect(TapeLint.findings(in: recording, checks: [.secrets]) == [])
    }

    @Test(
        "finds secrets by their looks, and does not repeat them",
        arguments: [
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ", "a JSON web token"),
            ("AKIAIOSFODNN7EXAMPLE", "an AWS access key"), ("ghp_" + String(repeating: "a1", count: 18), "a GitHub token"),
            ("glpat-" + String(repeating: "x", count: 20), "a GitLab token"), ("xoxb-1234567890-abcdefghijkl", "a Slack token"),
            ("sk_live_" + String(repeating: "4e", count: 12), "a Stripe key"),
            ("AIza" + String(repeating: "Sy", count: 17) + "x", "a Google API key"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMII…", "a private key"), ("4111 1111 1111 1111", "a payment card number"),
        ])
    func secrets(secret: String, kind: String) {
        let found = Self.lint(Self.emit("note", ["text": .string(secret)])).filter { $0.check == .secrets }
        #expect(found.map(\.message) == ["'note' at $[0].text looks like \(kind)"])
        #expect(found.first?.remedy == "tapedeck cut TAPE OUT --scrub 'note:$[0].text'")
        #expect(!found.contains { $0.text.contains(secret.prefix(12)) })
        let inHeader = Self.lint(headers: [.init(name: "x-key", value: secret.filter { $0 != " " })]).filter { $0.check == .secrets }
        #expect(inHeader.count == 1 || kind == "a private key", "\(inHeader)")
    }

    @Test(
        "leaves alone what only resembles a secret",
        arguments: [
            "eyJust a word", "AKIAIOSFODNN7", "ask_live_and_let_live", "1700000000000", "4111 1111 1111 1112", "1234567890123456",
            "redacted-0123456789abcdef", "-----begin", "a perfectly long sentence that says nothing at all",
        ])
    func harmless(text: String) {
        #expect(Self.lint(Self.emit("note", .string(text))).filter { $0.check == .secrets }.isEmpty)
    }

    @Test("says the same thing once, with its count")
    func counts() {
        let found = Self.lint(Self.emit("save", ackID: 1), Self.emit("save", ackID: 2), Self.emit("save", ackID: 3))
        #expect(found.count == 1 && found[0].count == 3 && found[0].text.contains("· 3 times"), "\(found)")
    }
}
