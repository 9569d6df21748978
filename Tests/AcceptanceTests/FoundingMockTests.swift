import Foundation
import NIOCore
import SocketIO
import Tape
import Tapedeck
import TestSupport
import Testing

/// The client recipes of Socket.IO's founding README in Chromium, with no server behind them: a mock of a recording of them.
@Suite("A mock of the founding README's server")
struct FoundingMockTests {
    @Test("satisfies each recipe, with the official client file and with ours")
    func recipes() async throws {
        let tape = try TestPlaces.temporaryFolder().appending(path: "founding.tape")
        let recorder = try Recorder(path: tape.path, run: TapeRun(kind: .embedded))
        var options = SocketIOServer.Options()
        options.tap = recorder
        let io = SocketIOServer(options)
        Self.serve(io)
        let address = try await io.start(port: 0)
        try await Self.recipes(on: "http://127.0.0.1:\(address.port ?? 0)", client: "official")
        await io.shutdown()
        try await recorder.close()

        let mock = try await MockTests.mock(tape, ["--strict"])
        for client in ["official", "served"] { try await Self.recipes(on: mock.url, client: client) }
        try await MockTests.endsKnowing(mock)
    }

    /// The README's server recipes.
    private static func serve(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.emit("news", ["hello": "world"])
            socket.on("set nickname") { (_: JSONValue) in socket.emit("ready") }
            socket.on("ferret") { (_: String) in "woot" }
            socket.on("message") { (text: String) in socket.send("you said \(text)") }
        }
    }

    private static func recipes(on url: String, client: String) async throws {
        let script = TestPlaces.root.appending(path: "Tests/Clients/founding.py")
        let result = try await run(TestPlaces.python, [script.path, url, "--client", client], within: .seconds(180))
        #expect(result.status == 0, "\(client)\n\(result.output)\(result.errors)")
    }
}
