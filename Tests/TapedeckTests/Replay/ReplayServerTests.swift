import Foundation
import NIOCore
import SocketIOClient
import SocketIOWire
import Tape
import Testing

@testable import Tapedeck

@Suite("A tape of the real server")
struct ReplayServerTests {
    static let options = ReplayOptions(
        timeout: .seconds(20), settle: .milliseconds(100), rules: (try? [ReplayRule(ignoring: "chat message:$.at")]) ?? [])

    /// A conversation over all transports: acks both ways, rooms, binary, values of the server, refusals, kicks and ends.
    static func record(to tape: String) async throws {
        let server = try await ChatServer.start(tape: tape)
        let clients = ChatClients(url: server.url)
        let ann = try await clients.join([.webSocket], auth: ["name": "ann"])
        let bob = try await clients.join([.polling], auth: ["name": "bob"])
        let eve = try await clients.join([.polling, .webSocket], auth: ["name": "eve"])
        try await clients.ask(eve, "whoami")
        try await clients.upgrade(eve)
        let eveID = try await clients.ask(eve, "whoami").first?["id"] ?? .null
        try await clients.connect(ann, "/private", auth: ["token": "wrong"])
        try await clients.connect(bob, "/private", auth: ["token": "letmein"])
        try await clients.connect(ann, "/custom")
        try await clients.connect(ann, "/nowhere")
        try await clients.ask(ann, "echo", "hello", 42, ["a": [1, 2.5, nil]])
        try await clients.ask(bob, "echo", "binary", .binary(ByteBuffer(bytes: [1, 2, 255])))
        clients.emit(eve, "echo", .binary(ByteBuffer(bytes: [7])), .binary(ByteBuffer(bytes: [])))
        try await clients.receive(eve, event: "echo")
        try await clients.ask(ann, "join", "r1")
        try await clients.ask(bob, "join", "r1")
        clients.emit(ann, "cast", "r1", "for two")
        for client in [ann, bob] { try await clients.receive(client, event: "cast") }
        for number in 0..<20 {
            clients.emit([ann, bob, eve][number % 3], "chat message", .string("text \(number)"))
            if number % 4 == 3 {
                for _ in 0..<4 { for client in [ann, bob, eve] { try await clients.receive(client, event: "chat message") } }
            }
        }
        clients.emit(bob, "dm", eveID, "psst")
        try await clients.receive(eve, event: "dm")
        let ticket = try await clients.ask(ann, "ticket").first ?? .null
        try await clients.ask(bob, "redeem", ticket)
        try await clients.ask(eve, "redeem", ticket)
        clients.emit(ann, "slow", "one")
        clients.emit(bob, "slow", "two")
        try await clients.receive(ann, event: "done")
        try await clients.receive(bob, event: "done")
        clients.emit(eve, "parts", 1, "two", "three", 4)
        for _ in 0..<4 { try await clients.receive(eve, event: "part") }
        clients.emit(eve, "ask", "how?")
        let question = try await clients.receive(eve, event: "question")
        if case .event(_, let id?) = question.kind { clients.send(eve, LanePacket(kind: .ack(id), namespace: "/", arguments: ["so"])) }
        try await clients.receive(eve, event: "answer")
        clients.emit(bob, "ask", "in vain")
        try await clients.receive(bob, event: "question")
        clients.send(ann, LanePacket(kind: .disconnect, namespace: "/custom"))
        await clients.abort(eve)
        for client in [ann, bob] { try await clients.receive(client, event: "left") }
        clients.emit(ann, "kick")
        try await clients.receive(ann) { $0.kind == .disconnect }
        try await clients.receive(bob, event: "left")
        await clients.close(ann)
        try await clients.ask(bob, "echo", "last")
        await clients.close(bob)
        try await server.stop()
    }

    static func withTape(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID().uuidString).tape").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        try await record(to: path)
        try await body(path)
    }

    @Test("replays green against the same app, 20 times of 20")
    func isGreen() async throws {
        try await Self.withTape { tape in
            for _ in 0..<20 {
                let server = try await ChatServer.start()
                let report = try await Replay(tape, Self.options).run(against: server.url)
                let plan = try Replay(tape, Self.options).planText()
                #expect(report.isMatch, "\(report.text(verbose: true))\n\(plan)")
                #expect(report.expected > 90 && report.matched == report.expected)
                #expect(report.limits.isEmpty, "\(report.limits)")
                try await server.stop()
            }
        }
    }

    @Test("replays red against a changed app, and names the change first")
    func isRed() async throws {
        try await Self.withTape { tape in
            var options = Self.options
            options.timeout = .seconds(2)
            // nobody waves in this conversation
            for fault in ChatServer.Fault.allCases where fault != .waveShortened {
                let server = try await ChatServer.start(fault: fault)
                let report = try await Replay(tape, options).run(against: server.url)
                try await server.stop()
                let first = report.findings.first
                #expect(first?.title.contains(Self.title(fault)) == true, "\(fault)\n\(report.text())")
            }
        }
    }

    static func title(_ fault: ChatServer.Fault) -> String {
        switch fault {
        case .ackChanged: "the ack of 'echo' to ann"
        case .recipientLeftOut: "'cast' in room \"r1\" reached {ann, bob}, now {bob}"
        case .fieldRenamed: "has changed"
        case .eventDoubled: "'chat message' comes twice to"
        case .refusalChanged: "the connect's refusal"
        case .kickForgotten: "the server's disconnect does not come to ann"
        case .answerChanged: "'answer' to eve"
        case .binaryChanged: "the ack of 'echo' to bob"
        case .partsSwapped: "comes before one that it had followed"
        case .partLost: "'part' does not come to eve"
        case .partAdded: "'part' comes to eve"
        case .numberAsText: "'part' to eve"
        case .mute: "the connect's acceptance does not come"
        case .waveShortened: ""
        }
    }

    @Test("has no verdict without a server, and says so")
    func unreachable() async throws {
        try await Self.withTape { tape in
            await #expect(throws: ReplayError.self) { _ = try await Replay(tape, Self.options).run(against: "http://127.0.0.1:1") }
            await #expect(throws: ReplayError.self) { _ = try await Replay(tape, Self.options).run(against: "no url") }
        }
    }
}
