import Foundation
import SocketIOClient
import SocketIOWire
import TestSupport
import Testing

/// The playground's page in headless Chromium.
@Suite("The playground's page")
struct BrowserTests {
    @Test("opened twice, lets two people chat; the tape holds both and replays green, 20 times out of 20")
    func chat() async throws {
        let server = try await ServerProcess.tapedeck(["--redact-nothing"])
        let shots = TestPlaces.root.appending(path: "screenshots")
        try FileManager.default.createDirectory(at: shots, withIntermediateDirectories: true)
        let script = TestPlaces.root.appending(path: "Tests/Clients/browser_chat.py")
        let result = try await run(TestPlaces.python, [script.path, server.url, shots.path], within: .seconds(180))
        #expect(result.status == 0, "\(result.output)\(result.errors)")
        #expect(try await server.stop() == 0)
        let tape = try #require(server.tape)
        #expect(try await sqlite(tape, "SELECT count(*) FROM sessions WHERE disconnected_at IS NOT NULL") == "2")
        #expect(
            try await sqlite(tape, "SELECT count(DISTINCT session_id) FROM events WHERE event = 'chat message' AND direction = 'in'") == "2"
        )

        let fresh = try await ServerProcess.tapedeck(["--no-record"])
        for round in 1...20 {
            let replay = try await tapedeck("replay", tape.path, fresh.url, "--ignore", "$.at")
            #expect(replay.status == 0, "round \(round)\n\(replay.output)\(replay.errors)")
        }
        try await fresh.stop()
    }
}
