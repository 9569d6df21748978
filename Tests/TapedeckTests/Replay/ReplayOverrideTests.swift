import NIOCore
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("What a replay sends instead")
struct ReplayOverrideTests {
    typealias Packet = Recording.Packet

    static let token = "redacted-0123456789abcdef"
    static let other = "redacted-fedcba9876543210"

    /// A client that comes with a secret, and gets one.
    static func recording(cookie: String? = nil) -> Recording {
        let packets: [(Recording.Direction, Recording.Kind, String?, [JSONValue])] = [
            (.incoming, .connect, nil, [["token": .string(token), "name": "ann"]]),
            (.outgoing, .connect, nil, [["sid": "socket-id-0123456789"]]),
            (.outgoing, .event, "auth", [["token": .string(token)]]),
            (.incoming, .event, "login", ["ann", .string(other), ["at": "2026-11-23T04:14:17Z"]]),
            (.outgoing, .event, "session", [["token": "redacted-00000000000000aa"]]),
            (.incoming, .event, "renew", [["token": "redacted-00000000000000aa"]]),
        ]
        return Recording(
            connections: [
                .init(
                    id: 1, sid: "engine-id-0123456789", transport: "websocket",
                    headers: cookie.map { [.init(name: "Cookie", value: $0)] } ?? [],
                    openedAt: 0)
            ],
            sessions: [.init(id: 7, connectionID: 1, sid: "socket-id-0123456789", namespace: "/")],
            packets: LongList(
                packets.enumerated().map { index, packet in
                    Packet(
                        id: Int64(index + 1), connectionID: 1, sessionID: 7, at: Int64(index), direction: packet.0, kind: packet.1,
                        event: packet.2, arguments: packet.3)
                }), secrets: [token, other, "redacted-00000000000000aa"])
    }

    static func plan(_ overrides: [String], auth: JSONValue? = nil, cookie: String? = nil) throws -> ReplayPlan {
        var options = ReplayOptions()
        options.overrides = try overrides.map { try ReplayOverride(parsing: $0) }
        options.auth = auth
        return PlanBuilder.plan(for: recording(cookie: cookie), options: options)
    }

    @Test("names all missing secrets at once, and not those that the server makes")
    func missing() throws {
        #expect(
            try Self.plan([], cookie: "sid=redacted-00000000000000bb").missingSecrets == [
                "the auth of ann (session 7) at $[0].token: \(Self.token)", "'login' of ann (session 7) at $[1]: \(Self.other)",
            ])
        #expect(try Self.plan(["connect:$.token=x"]).missingSecrets.count == 1)
        #expect(try Self.plan(["connect:$.token=x", "login:$[1]=y"]).missingSecrets.isEmpty)
        #expect(try Self.plan(["\(Self.token)=x", "\(Self.other)=y"]).missingSecrets.isEmpty)
        #expect(try Self.plan(["login:$[1]=y"], auth: ["token": "x"]).missingSecrets.isEmpty)
    }

    @Test("never shows a secret in the plan, and knows it wherever it stands")
    func hidden() throws {
        let plan = try Self.plan(["connect:$.token=letmein", "login:$[1]=hunter2"])
        #expect(!plan.text().contains("letmein") && !plan.text().contains("hunter2"))
        var machine = ReplayMachine(plan: plan, options: ReplayOptions())
        _ = machine.start()
        let effects = machine.handle(.opened(lane: 0, engineID: "e"))
        guard case .send(_, let connect)? = effects.first else {
            Issue.record("no connect: \(effects)")
            return
        }
        #expect(connect.arguments == [["token": "letmein", "name": "ann"]])
        _ = machine.handle(.packet(lane: 0, LanePacket(kind: .connect, namespace: "/", arguments: [["sid": "s-0123456789"]])))
        let auth = LanePacket(kind: .event(name: "auth", ackID: nil), namespace: "/", arguments: [["token": "letmein"]])
        guard case .send(_, let login)? = machine.handle(.packet(lane: 0, auth)).first else {
            Issue.record("no login")
            return
        }
        #expect(login.arguments[1] == "hunter2")
        #expect(machine.matcher.states[1] == .matched(receipt: 1))
        // a secret of the server's own is carried over
        let session = LanePacket(kind: .event(name: "session", ackID: nil), namespace: "/", arguments: [["token": 42]])
        guard case .send(_, let renew)? = machine.handle(.packet(lane: 0, session)).first else {
            Issue.record("no renew")
            return
        }
        #expect(renew.arguments == [["token": 42]])
    }

    @Test("is put where the path says, and nowhere else")
    func paths() throws {
        let plan = try Self.plan([
            "\(Self.token)=x", "\(Self.other)=y", "login:$[0]=bob", "connect:$.admin=true", "connect:$.name=bob", "nowhere:$[0]=1",
        ])
        let text = plan.text()
        #expect(text.contains("emit 'login' [\"bob\""), "\(text)")
        #expect(text.contains("\"name\":\"bob\"") && !text.contains("admin"), "\(text)")
        #expect(
            plan.notes == ["connect:$.admin", "nowhere:$[0]"].map { "what is set at '\($0)' has no place in what is sent" })
    }

    @Test("moves a time to now, in the form that it has")
    func refreshed() {
        let day = TimeShift(microseconds: 86_400_000_000)
        #expect(day.moved("2026-11-23T04:14:17Z") == "2026-11-24T04:14:17Z")
        #expect(day.moved("2026-11-23T04:14:17.250Z") == "2026-11-24T04:14:17.250Z")
        #expect(day.moved(1_700_000_000) == 1_700_086_400)
        #expect(day.moved(1_700_000_000_123) == 1_700_086_400_123)
        #expect(day.moved(42) == 42)
        #expect(day.moved("tomorrow") == "tomorrow")
    }

    @Test("says what is wrong with it", arguments: ["e:$[0]", "e=1", "=1", "e:$[=1", "$"])
    func errors(text: String) {
        #expect(throws: RuleError.self) { _ = try ReplayOverride(parsing: text) }
    }
}
