import Foundation
import SocketIOClient
import SocketIOWire
import Testing

@testable import Tapedeck

/// Conversations that a good replay must survive, recorded from the real server.
@Suite("A replay of a tape with")
struct ReplayCasesTests {
    static let options = ReplayServerTests.options

    private static func withTape(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID().uuidString).tape").path
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        try await body(path)
    }

    @Test("a client that comes back and is recovered sends the ids and offsets of this run")
    func recovery() async throws {
        try await Self.withTape { tape in
            let server = try await ChatServer.start(tape: tape, recovers: true)
            let clients = ChatClients(url: server.url)
            let ann = try await clients.open([.webSocket])
            let pid = try await clients.connect(ann, "/").arguments.first?["pid"] ?? .null
            let bob = try await clients.join([.webSocket])
            clients.emit(bob, "chat message", "one")
            let offset = try await clients.receive(ann, event: "chat message").arguments.last ?? .null
            try await clients.receive(bob, event: "chat message")
            await clients.abort(ann)
            try await clients.receive(bob, event: "left")
            clients.emit(bob, "chat message", "missed")
            try await clients.receive(bob, event: "chat message")
            let again = try await clients.open([.webSocket])
            try await clients.connect(again, "/", auth: ["pid": pid, "offset": offset])
            #expect(try await clients.receive(again, event: "chat message").arguments.first?["text"] == "missed")
            try await clients.ask(again, "echo", "back")
            await clients.close(again)
            try await clients.receive(bob, event: "left")
            await clients.close(bob)
            try await server.stop()

            for _ in 0..<3 {
                let fresh = try await ChatServer.start(recovers: true)
                let report = try await Replay(tape, Self.options).run(against: fresh.url)
                let plan = try Replay(tape, Self.options).planText()
                #expect(report.isMatch, "\(report.text(verbose: true))\n\(plan)")
                #expect(report.notes.isEmpty, "\(report.notes)")
                try await fresh.stop()
            }
            var options = Self.options
            options.timeout = .seconds(2)
            let without = try await ChatServer.start()
            let report = try await Replay(tape, options).run(against: without.url)
            #expect(report.limits.contains { $0.contains("2 packets to it could not be judged") }, "\(report.text())")
            #expect(report.isMatch && report.matched == report.expected - 2, "\(report.text())")
            try await without.stop()
        }
    }

    /// Volatile events have no offset, and their last argument may look like one.
    @Test("volatile events and recovery keeps each argument, and still knows up to where a client has received")
    func volatileEvents() async throws {
        try await Self.withTape { tape in
            let server = try await ChatServer.start(tape: tape, recovers: true)
            let clients = ChatClients(url: server.url)
            let ann = try await clients.open([.webSocket])
            let pid = try await clients.connect(ann, "/").arguments.first?["pid"] ?? .null
            let bob = try await clients.join([.webSocket])
            clients.emit(bob, "note", "kept", false)
            let offset = try await clients.receive(ann, event: "note").arguments.last ?? .null
            clients.emit(bob, "wave", "hello", "there")
            #expect(try await clients.receive(ann, event: "wave").arguments == ["hello", "there"])
            clients.emit(bob, "note", "in passing", true)
            #expect(try await clients.receive(ann, event: "note").arguments == ["in passing"])
            for event in ["note", "wave", "note"] { try await clients.receive(bob, event: event) }
            await clients.abort(ann)
            try await clients.receive(bob, event: "left")
            clients.emit(bob, "note", "missed", false)
            try await clients.receive(bob, event: "note")
            let again = try await clients.open([.webSocket])
            try await clients.connect(again, "/", auth: ["pid": pid, "offset": offset])
            #expect(try await clients.receive(again, event: "note").arguments.first == "missed")
            await clients.close(again)
            try await clients.receive(bob, event: "left")
            await clients.close(bob)
            try await server.stop()

            let plan = try Replay(tape, Self.options).planText()
            #expect(plan.contains(#"'wave' ["hello","there"]"#) && plan.contains(#"'note' ["kept"]"#), "\(plan)")
            let copy = tape + ".copy.tape"
            defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) } }
            var options = Self.options
            options.recordingPath = copy
            let fresh = try await ChatServer.start(recovers: true)
            let report = try await Replay(tape, options).run(against: fresh.url)
            #expect(report.isMatch && report.notes.isEmpty, "\(report.text(verbose: true))\n\(plan)")
            try await fresh.stop()
            // the order in which concurrent acts are done changes nothing of that
            let recording = try Recording(tape: tape)
            var chaos = Self.options
            chaos.chaos = 1
            let plans = [Self.options, chaos].map { PlanBuilder.plan(for: recording, options: $0) }
            let offsets = plans.map { plan in plan.expectations.count { $0.hasOffset } }
            #expect(offsets[0] > 0 && offsets[0] == offsets[1], "\(offsets)")
            // the tape of the run does not take the offset for an argument either
            let copied = try Replay(copy, Self.options).planText()
            #expect(copied.contains(#"'wave' ["hello","there"]"#) && copied.contains(#"'note' ["kept"]"#), "\(copied)")

            options = Self.options
            options.timeout = .seconds(2)
            let broken = try await ChatServer.start(fault: .waveShortened, recovers: true)
            let red = try await Replay(tape, options).run(against: broken.url)
            #expect(red.findings.first?.title.contains("'wave' to") == true, "\(red.text())")
            try await broken.stop()
        }
    }

    @Test("a broadcast to 50 of which one is missing says who")
    func fiftyRecipients() async throws {
        try await Self.withTape { tape in
            let server = try await ChatServer.start(tape: tape)
            let clients = ChatClients(url: server.url)
            var people: [Int] = []
            for number in 0..<50 {
                people.append(try await clients.join([.webSocket], auth: ["name": .string("p\(number)")]))
                try await clients.ask(people[number], "join", "r1")
            }
            clients.emit(people[7], "cast", "r1", "to all")
            for person in people { try await clients.receive(person, event: "cast") }
            try await server.stop()

            let fresh = try await ChatServer.start()
            let green = try await Replay(tape, Self.options).run(against: fresh.url)
            let text = green.text()
            #expect(green.isMatch, "\(text)")
            try await fresh.stop()
            let broken = try await ChatServer.start(fault: .recipientLeftOut)
            var options = Self.options
            options.timeout = .seconds(2)
            let red = try await Replay(tape, options).run(against: broken.url)
            #expect(red.findings.count == 1, "\(red.text())")
            #expect(red.findings.first?.kind == .recipients && red.findings.first?.differences.count == 1, "\(red.text())")
            try await broken.stop()
        }
    }
}
