import Foundation
import NIOCore
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// Canaries in every place where a secret may stand, then a search for their bytes in all that was written or said.
@Suite("Secrets")
struct SecretTests {
    private static let canary = "CANARYx7Qm2pZt"

    @Test("are nowhere: not in the file, its WAL, the log or the API, whatever transport, place and encoding they came in")
    func canaries() async throws {
        let server = try await ServerProcess.tapedeck(["--log-level", "trace", "--redact", "login:$[1]", "--redact", "ssn"])
        let tape = try #require(server.tape)
        for transports in [[ClientTransport.webSocket], [.polling], [.polling, .webSocket]] {
            try await converse(server.url, transports)
        }
        try await rubbish(server.url)

        let last = "SELECT count(*) >= 4 FROM connections WHERE closed_at IS NOT NULL"
        try await withDeadline("all to be recorded") { while try await sqlite(tape, last) != "1" { try Task.checkCancellation() } }
        // Nothing proves a search as well as what it finds.
        #expect(try await sqlite(tape, "SELECT count(*) > 20 FROM packets WHERE data LIKE '%redacted-%'") == "1")
        #expect(try await sqlite(tape, "SELECT count(*) > 12 FROM attachments WHERE CAST(data AS TEXT) LIKE '%redacted-%'") == "1")
        #expect(try await sqlite(tape, "SELECT count(*) > 3 FROM packets WHERE data LIKE '%harmless%'") == "1")
        try expectNoCanary(in: tape)
        try expectNoCanary(in: URL(filePath: tape.path + "-wal"))
        for list in ["connections", "sessions", "packets?limit=1000&heartbeats=true", "acks", "events"] {
            expectNoCanary(in: Data(try await get(server.url + "/inspect/api/" + list).body.utf8), list)
        }
        try await server.stop()
        try expectNoCanary(in: tape)
        expectNoCanary(in: Data(server.process.errors.utf8), "the log")
        expectNoCanary(in: Data(server.process.output.utf8), "the output")
    }

    @Test("are on the tape with --redact-nothing; both flags at once are wrong usage")
    func nothing() async throws {
        let server = try await ServerProcess.tapedeck(["--redact-nothing"])
        let ann = try await Person(server.url, transports: [.webSocket])
        try await ann.ask("echo", ["password": .string(Self.canary)])
        try await server.stop()
        #expect(try await sqlite(try #require(server.tape), "SELECT count(*) FROM packets WHERE data LIKE '%\(Self.canary)%'") == "2")
        #expect(try await tapedeck("serve", "--port", "0", "--redact-nothing", "--redact", "a").status == 64)
        #expect(try await tapedeck("serve", "--port", "0", "--redact", "$[").status == 64)
    }

    @Test("are comparable across runs with a key in TAPEDECK_REDACT_KEY")
    func key() async throws {
        var found: Set<String> = []
        for _ in 1...2 {
            let tape = try TestPlaces.temporaryFolder().appending(path: "test.tape")
            let process = try ChildProcess(
                TestPlaces.product("tapedeck"), ["serve", "--port", "0", "--tape", tape.path], environment: ["TAPEDECK_REDACT_KEY": "k"])
            let url = try await "http" + process.line(startingWith: "Listening on http")
            let ann = try await Person(url, auth: ["token": .string(Self.canary)], transports: [.webSocket])
            ann.socket.disconnect()
            process.signal(SIGTERM)
            #expect(try await process.exitStatus() == 0)
            found.insert(try await sqlite(tape, "SELECT auth FROM sessions"))
        }
        #expect(found.count == 1)
    }

    private func converse(_ url: String, _ transports: [ClientTransport]) async throws {
        let canary = Self.canary
        var configuration = try EngineClient.Configuration(url: url)
        configuration.transports = transports
        configuration.query = [("token", canary)]
        configuration.headers = [
            ("Authorization", "Bearer \(canary)"), ("Cookie", "sid=\(canary); theme=\(canary)"), ("X-Api-Key", canary),
            ("Referer", "http://localhost/?access_token=\(canary)"),
        ]
        let ann = try await Person(
            url, auth: ["token": .string(canary), "more": ["password": .string(canary)]], transports: transports,
            on: SocketIOClient(configuration))
        let secrets: JSONValue = [
            "password": .string(canary), "nested": [["clientSecret": .array([.string(canary), .string(canary)])]],
            "text": .string(#"{"api_key":"\#(canary)"}"#), "url": .string("https://ann:\(canary)@host/?refresh_token=\(canary)"),
            "ssn": .string(canary),
        ]
        let file = JSONValue.binary(ByteBuffer(string: #"{"passwd":"\#(canary)","more":["harmless"]}"#))
        try await ann.ask("echo", secrets)
        try await ann.ask("echo", file, ["secret": .binary(ByteBuffer(string: canary))], "harmless")
        try await ann.ask("join", "r1")
        ann.say("cast", "r1", secrets, file)
        try await ann.receives("cast")
        ann.say("ask", secrets)
        try await ann.receives("answer")
        ann.say("login", "ann", .string(canary))
        try await ann.ask("echo", 1)
        let refused = ann.client.socket("/private")
        refused.connect(auth: ["token": .string(canary)])
        await #expect(throws: (any Error).self) { try await refused.waitUntilConnected() }
        ann.socket.disconnect()
        ann.client.close()
    }

    /// What no decoder takes: half a packet, and no packet at all.
    private func rubbish(_ url: String) async throws {
        for body in [#"42["login",{"password":"\#(Self.canary)"#, #"4token=\#(Self.canary)"#] {
            let handshake = try await get(url + "/socket.io/?EIO=4&transport=polling&pass%77ord=\(Self.canary)")
            let sid = try #require(JSONValue(parsing: String(handshake.body.dropFirst()))["sid"]?.stringValue)
            _ = try await post(url + "/socket.io/?EIO=4&transport=polling&sid=\(sid)", body.hasPrefix("42") ? "4" + body.dropFirst() : body)
        }
    }

    private func expectNoCanary(in file: URL) throws { expectNoCanary(in: try Data(contentsOf: file), file.lastPathComponent) }

    private func expectNoCanary(in data: Data, _ place: String) {
        let canary = Data(Self.canary.utf8)
        // In base64 it looks different at each of three offsets.
        let encoded = (0..<3).map { offset in
            Data((Data(repeating: 0x20, count: offset) + canary).base64EncodedString().dropFirst(4).dropLast(6).utf8)
        }
        let hex = Data(canary.map { String($0, radix: 16) }.joined().utf8)
        for form in [canary, hex] + encoded {
            #expect(data.range(of: form) == nil, "\(String(decoding: form, as: UTF8.self)) is in \(place)")
        }
    }
}
