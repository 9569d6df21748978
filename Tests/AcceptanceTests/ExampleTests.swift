import Foundation
import TestSupport
import Testing

@Suite("The example application")
struct ExampleTests {
    @Test("chats in Chromium with our own client and the official one", arguments: ["served", "official"])
    func chat(client: String) async throws {
        let port = Int.random(in: 20_000..<30_000)
        let process = try ChildProcess(TestPlaces.product("Chat"), [], environment: ["PORT": "\(port)"])
        let url = "http://127.0.0.1:\(port)"
        try await eventually("the example listens") {
            try await run(URL(filePath: "/usr/bin/curl"), ["--silent", "--fail", "--output", "/dev/null", url]).status == 0
        }
        let script = TestPlaces.root.appending(path: "Tests/Clients/example_chat.py")
        let result = try await run(TestPlaces.python, [script.path, url, "--client", client])
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        process.signal(SIGTERM)
        #expect(try await process.exitStatus() == 0)
    }

    @Test("is short: under 40 lines")
    func short() throws {
        let source = try String(contentsOf: TestPlaces.root.appending(path: "Examples/Chat/Chat.swift"), encoding: .utf8)
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count < 40)
    }
}
