import Foundation
import TestSupport
import Testing

/// Clients that other people wrote, against `tapedeck serve`: each checks events, acks, binary, rooms, namespaces and refusals.
@Suite("A foreign client")
struct ClientTests {
    static let transports = ["polling", "websocket", "polling,websocket"]

    @Test("python-socketio gets what it expects", arguments: transports)
    func python(transports: String) async throws {
        try await check("client.py", "--transports", transports)
    }

    @Test("the official JavaScript client in Chromium gets what it expects", arguments: transports)
    func official(transports: String) async throws {
        try await check("javascript.py", "--client", "official", "--transports", transports)
    }

    @Test("our own client file, as the server serves it, gets what it expects in Chromium", arguments: transports)
    func served(transports: String) async throws {
        try await check("javascript.py", "--client", "served", "--transports", transports)
    }

    @Test("in Chromium, which offers permessage-deflate, gets what it expects where the server takes the offer")
    func deflate() async throws {
        try await check(
            "javascript.py", "--client", "official", "--transports", "polling,websocket", server: ["--per-message-deflate"])
    }

    @Test("of Socket.IO 2 gets what it expects where it is allowed", arguments: transports)
    func legacy(transports: String) async throws {
        try await check("legacy.py", "--transports", transports, python: TestPlaces.legacyPython, server: ["--allow-eio3"])
    }

    private func check(
        _ program: String, _ arguments: String..., python: URL = TestPlaces.python, server flags: [String] = []
    ) async throws {
        let server = try await ServerProcess.tapedeck(flags)
        let script = TestPlaces.root.appending(path: "Tests/Clients/\(program)")
        let result = try await run(python, [script.path, server.url] + arguments, within: .seconds(180))
        #expect(
            result.status == 0,
            "\(result.output.split(separator: "\n").filter { !$0.contains(#""ok": true"#) }.joined(separator: "\n"))\(result.errors)")
        #expect(result.output.contains(#""ok": true"#))
        #expect(try await server.stop() == 0)
    }
}
