import SocketIO
import SocketIOTestKit
import SocketIOWire
import Testing

/// What the inspector's page writes as a Swift test; `Tests/Web/inspector.test.mjs` holds the page to these lines.
@Suite("Tests that the inspector writes")
struct GeneratedTests {
    @Test("compile, and hold on a server that does what was recorded")
    func generated() async throws {
        let server = TestServer()
        server.io.of("/custom").onConnection { socket in
            socket.on("buy") { (_: JSONValue, _: JSONValue) in "bought" }
        }
        server.io.onConnection { socket in
            socket.emit("sold", 1, "x\n")
            socket.emit("note", JSONValue.object(["a": [1, .null]]))
            socket.emit("ready")
        }
        do {
            let client = try await server.connect("/custom")
            let answer: JSONValue = try await client.emitWithAck("buy", ["sku": "A \"1\""] as JSONValue, [] as JSONValue, to: "/custom")
            #expect(answer == "bought")
        }
        do {
            let client = try await server.connect()
            let args = try await client.next("sold", as: JSONValue.self, JSONValue.self)
            #expect(args.0 == 1)
            #expect(args.1 == "x\u{a}")
        }
        do {
            let client = try await server.connect()
            let args = try await client.next("note", as: JSONValue.self)
            #expect(args == ["a": [1, .null]])
        }
        do {
            let client = try await server.connect()
            try await client.next("ready")
            try await client.emit("ping", 1, "a", true)
        }
    }
}
