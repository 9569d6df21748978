import Foundation
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOWire
import Tapedeck
import TestSupport
import Testing

/// `tapedeck mock`, with clients that cannot tell it from the server that was recorded.
@Suite("A mock")
struct MockTests {
    /// Starts `tapedeck mock` on a free port.
    static func mock(_ tape: URL, _ flags: [String] = []) async throws -> ServerProcess {
        let process = try ChildProcess(TestPlaces.product("tapedeck"), ["mock", tape.path, "--port", "0"] + flags)
        return try await ServerProcess(process: process, url: "http" + process.line(startingWith: "Listening on http"), tape: tape)
    }

    /// Records what `clients` do against the playground; the tape.
    static func record(_ flags: [String] = [], _ clients: (String) async throws -> Void) async throws -> URL {
        let server = try await ServerProcess.tapedeck(["--redact-nothing"] + flags)
        try await clients(server.url)
        #expect(try await server.stop() == 0)
        return try #require(server.tape)
    }

    /// Has it answer once: who is told to end while it still starts may take long over it.
    private static func isServing(_ url: String) async throws {
        try await eventually("it to answer") {
            try await run(URL(filePath: "/usr/bin/curl"), ["--silent", "--fail", "--output", "/dev/null", "\(url)/healthz"]).status == 0
        }
    }

    /// Ends the mock; it must have known everything.
    static func endsKnowing(_ mock: ServerProcess) async throws {
        let status = try await mock.stop()
        #expect(status == 0 && mock.process.output.contains("known: "), "\(mock.process.output)\(mock.process.errors)")
    }

    private static func program(
        _ name: String, _ url: String, _ arguments: [String] = [], python: URL = TestPlaces.python
    ) async throws {
        let script = TestPlaces.root.appending(path: "Tests/Clients/\(name)")
        let result = try await run(python, [script.path, url] + arguments, within: .seconds(180))
        #expect(
            result.status == 0,
            "\(result.output.split(separator: "\n").filter { !$0.contains(#""ok": true"#) }.joined(separator: "\n"))\(result.errors)")
    }

    @Test("of everything that the playground can do replays green, without a rule for what a server makes anew")
    func replay() async throws {
        let tape = try await Self.record { try await PlaygroundScenario.play(against: $0) }
        for flags in [[], ["--pace", "recorded", "--speed", "20"], ["--pace", "flood", "--absent", "silent"]] {
            let mock = try await Self.mock(tape, flags)
            // a server that keeps a clock may answer after any barrier
            let result = try await tapedeck(["replay", tape.path, mock.url] + (flags.isEmpty ? [] : ["--no-barrier"]))
            #expect(result.status == 0, "\(flags)\n\(result.output)\(result.errors)")
            try await Self.endsKnowing(mock)
        }
    }

    /// Two people on python-socketio, over WebSocket.
    static let conversation = Task {
        try await record { try await program("conversation.py", $0, ["--transports", "websocket"]) }
    }

    @Test("lets python-socketio say again what it said, over each transport", arguments: ["polling", "websocket", "polling,websocket"])
    func python(transports: String) async throws {
        let mock = try await Self.mock(Self.conversation.value)
        // one after the other on one server: each time it begins anew
        for _ in 0..<2 { try await Self.program("conversation.py", mock.url, ["--transports", transports]) }
        try await Self.endsKnowing(mock)
    }

    @Test("reports what its tape does not know: exit status 1, and at once if it is strict")
    func unknown() async throws {
        let tape = try await Self.conversation.value
        let script = TestPlaces.root.appending(path: "Tests/Clients/conversation.py").path
        let report = try TestPlaces.temporaryFolder().appending(path: "report.json")
        let mock = try await Self.mock(tape, ["--json", report.path])
        #expect(try await run(TestPlaces.python, [script, mock.url, "--hello", "hallo", "--deadline", "4"]).status != 0)
        #expect(try await mock.stop() == 1)
        #expect(mock.process.errors.contains("the tape does not know: emit 'echo' with an ack [\"hallo\",7], as ann (session 1)"))
        #expect(mock.process.output.contains("$[0]: recorded \"hello\", got \"hallo\""), "\(mock.process.output)")
        let json = try JSONValue(parsing: String(contentsOf: report, encoding: .utf8))
        #expect(json["complete"] == false && json["unknown"]?[0]?["nearest"]?["differences"]?[0]?["got"] == "\"hallo\"", "\(json)")

        let strict = try await Self.mock(tape, ["--strict"])
        #expect(try await run(TestPlaces.python, [script, strict.url, "--hello", "hallo", "--deadline", "4"]).status != 0)
        #expect(try await strict.process.exitStatus() == 1)

        let lenient = try await Self.mock(tape, ["--strict", "--ignore", "echo:$[0]"])
        // the recorded answer comes, so the client itself is not content
        #expect(try await run(TestPlaces.python, [script, lenient.url, "--hello", "hallo", "--deadline", "4"]).status != 0)
        try await Self.endsKnowing(lenient)
    }

    @Test("is recorded, and shown by the inspector while it runs; what it recorded replays against the real server")
    func recorded() async throws {
        let copy = try TestPlaces.temporaryFolder().appending(path: "copy.tape")
        let mock = try await Self.mock(Self.conversation.value, ["--record", copy.path, "--redact-nothing"])
        try await Self.program("conversation.py", mock.url)
        let shown = try await run(URL(filePath: "/usr/bin/curl"), ["--silent", "--fail", "\(mock.url)/inspect/api/sessions"])
        #expect(shown.output.contains("\"namespace\":\"/\""), "\(shown)")
        try await Self.endsKnowing(mock)
        let server = try await ServerProcess.tapedeck(["--no-record"])
        let result = try await tapedeck("replay", copy.path, server.url)
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        try await server.stop()
        let again = try await tapedeck("mock", copy.path, "--record", copy.path)
        #expect(again.status == 2 && again.errors.contains("is the tape that is played"), "\(again.errors)")
    }

    @Test("leaves nothing behind if it is not to be recorded, and needs a tape with a server on it")
    func temporary() async throws {
        let mock = try await Self.mock(Self.conversation.value)
        let line = try await mock.process.line(startingWith: "Recording on ")
        #expect(FileManager.default.fileExists(atPath: line))
        try await Self.isServing(mock.url)
        try await Self.endsKnowing(mock)
        #expect(!FileManager.default.fileExists(atPath: URL(filePath: line).deletingLastPathComponent().path))
        let empty = try await Self.record { try await Self.isServing($0) }
        let result = try await tapedeck("mock", empty.path)
        #expect(result.status == 2 && result.errors.contains("there is no server to play"), "\(result.errors)")
        #expect(try await tapedeck("mock", "/nowhere.tape").status == 2)
        #expect(try await tapedeck("mock", empty.path, "--speed", "0").status == 64)
    }

    @Test("runs inside a Swift test, on a server of its own")
    func library() async throws {
        let mock = try Mock(TestPlaces.root.appending(path: "Examples/CI/tapes/chat.tape").path)
        let io = SocketIOServer(mock.options())
        let performance = mock.install(on: io)
        let address = try await io.start(port: 0)
        let ann = try await Person("http://127.0.0.1:\(address.port ?? 0)", auth: ["user": "Ann"], transports: [.polling])
        #expect(try await ann.ask("set nickname", "Ann") == [true])
        ann.say("chat message", "Hello Ben")
        let said = try await ann.receives("chat message")[0]
        #expect(said["from"] == "Ann" && said["text"] == "Hello Ben" && said["id"] == .string(ann.id), "\(said)")
        #expect(try await performance.report().isComplete)
        ann.say("chat message", "nobody said this")
        try await eventually("the report to know") { try await performance.report().unknownCount == 1 }
        ann.client.close()
        await io.shutdown()
    }

    @Test("plays the playground's chat page in Chromium, with no server behind it")
    func chatPage() async throws {
        let shots = try TestPlaces.temporaryFolder().path
        let tape = try await Self.record { try await Self.program("browser_chat.py", $0, [shots]) }
        for _ in 0..<2 {
            let mock = try await Self.mock(tape)
            try await Self.program("browser_chat.py", mock.url, [shots])
            try await Self.endsKnowing(mock)
        }
    }

    @Test("speaks Socket.IO 2 and MessagePack without being told, if the tape does")
    func parsers() async throws {
        let packed = try await Self.record(["--parser", "msgpack"]) {
            try await PlaygroundScenario.play(against: $0, parser: MessagePackParser())
        }
        let legacy = try await Self.record(["--allow-eio3"]) { try await Self.program("legacy.py", $0, python: TestPlaces.legacyPython) }
        for tape in [packed, legacy] {
            let mock = try await Self.mock(tape)
            let result = try await tapedeck("replay", tape.path, mock.url)
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            try await Self.endsKnowing(mock)
        }
    }
}
