import Foundation
import SocketIOWire
import TestSupport
import Testing

/// A recorded conversation against good servers and bad ones. The foreign server is the playground on python-socketio.
@Suite("A replayed tape", .serialized)
struct ReplayTests {
    /// Records the scenario once and hands the finished tape on.
    private static let recording = Task {
        let server = try await ServerProcess.tapedeck(["--redact-nothing"])
        try await PlaygroundScenario.play(against: server.url)
        #expect(try await server.stop() == 0)
        return try #require(server.tape).path
    }

    @Test("is green against a fresh server, 20 times out of 20")
    func sameServer() async throws {
        let tape = try await Self.recording.value
        let server = try await ServerProcess.tapedeck(["--no-record"])
        for round in 1...20 {
            let result = try await tapedeck("replay", tape, server.url, "--ignore", "$.at")
            #expect(result.status == 0, "round \(round)\n\(result.output)\(result.errors)")
        }
        try await server.stop()
    }

    @Test("is green against the same application on another server")
    func foreignServer() async throws {
        let server = try await ServerProcess.foreign()
        let result = try await replay(against: server.url)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        try await server.stop()
    }

    @Test("of a client of Socket.IO 2, over each transport, is green against a fresh server")
    func legacy() async throws {
        let server = try await ServerProcess.tapedeck(["--allow-eio3", "--redact-nothing"])
        let script = TestPlaces.root.appending(path: "Tests/Clients/legacy.py")
        let client = try await run(TestPlaces.legacyPython, [script.path, server.url])
        #expect(client.status == 0, "\(client.output)\(client.errors)")
        try await replayGreen(server, against: ["--allow-eio3"])
    }

    @Test("in MessagePack is green against a fresh server")
    func messagePack() async throws {
        let server = try await ServerProcess.tapedeck(["--parser", "msgpack", "--redact-nothing"])
        try await PlaygroundScenario.play(against: server.url, parser: MessagePackParser())
        try await replayGreen(server, against: ["--parser", "msgpack"])
    }

    private func replayGreen(_ recorded: ServerProcess, against flags: [String]) async throws {
        #expect(try await recorded.stop() == 0)
        let fresh = try await ServerProcess.tapedeck(["--no-record"] + flags)
        let tape = try #require(recorded.tape).path
        let result = try await tapedeck("replay", tape, fresh.url, "--ignore", "$.at")
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        try await fresh.stop()
    }

    /// The faults of Tests/Foreign/faults.py, and a word that the first finding must contain.
    static let faults: [(fault: String, names: String)] = [
        ("ack-changed", "echo"), ("ack-missing", "echo"), ("ack-extra-argument", "echo"), ("nickname-unconfirmed", "set nickname"),
        ("recipient-left-out", "cast"), ("sender-left-out", "cast"), ("sender-included", "shout"), ("leave-ignored", "cast"),
        ("field-renamed", "chat message"), ("field-missing", "chat message"), ("field-added", "chat message"),
        ("value-changed", "chat message"), ("number-as-string", "message-back"), ("argument-dropped", "message-back"),
        ("binary-changed", "message-back"), ("nickname-ignored", "chat message"), ("auth-lost", "auth"), ("answer-changed", "answer"),
        ("event-doubled", "message-back"), ("event-missing", "message-back"), ("event-renamed", "message"), ("extra-event", "joined"),
        ("auth-missing", "auth"), ("ready-missing", "ready"), ("question-unasked", "question"),
        ("ticket-refused", "redeem"), ("ticket-reusable", "redeem"), ("refusal-missing", "/private"), ("refusal-changed", "/private"),
        ("token-refused", "/private"), ("namespace-missing", "/custom"), ("namespace-open", "/nowhere"),
        ("disconnect-missing", "disconnect"),
    ]

    @Test("is red against a server with one fault, and names it", arguments: faults)
    func faultyServer(fault: String, names: String) async throws {
        let server = try await ServerProcess.foreign(fault: fault)
        let result = try await replay(against: server.url)
        #expect(result.status == 1, "\(fault)\n\(result.output)\(result.errors)")
        #expect(result.output.contains(names), "\(fault)\n\(result.output)")
        try await server.stop()
    }

    @Test("cannot be replayed against a server that is not there: exit status 2")
    func noServer() async throws {
        let result = try await replay(against: "http://127.0.0.1:9")
        #expect(result.status == 2)
        #expect(result.errors.contains("127.0.0.1:9"))
    }

    private func replay(against url: String) async throws -> (status: Int32, output: String, errors: String) {
        try await tapedeck("replay", Self.recording.value, url, "--ignore", "$.at", "--timeout", "2s")
    }
}
