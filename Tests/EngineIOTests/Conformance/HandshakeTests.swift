import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

@Suite("A handshake")
struct HandshakeTests {
    @Test("over polling announces the session as Node does")
    func polling() async throws {
        try await TestEngine.run({ $0.generateID = { _ in "abc" } }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling")
            let response = try await connection.response()
            #expect(response.status == 200)
            #expect(response.head.contains("Content-Type: text/plain; charset=UTF-8"))
            #expect(response.head.lowercased().contains("cache-control: no-store"))
            let body = #"0{"sid":"abc","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
            #expect(response.body == body)
        }
    }

    @Test("over WebSocket offers no upgrade")
    func webSocket() async throws {
        try await TestEngine.run({ $0.generateID = { _ in "abc" } }) { engine in
            let connection = try await engine.connect()
            let response = try await connection.openWebSocket(
                "/socket.io/?EIO=4&transport=websocket", headers: ["Sec-WebSocket-Protocol: a, b"])
            #expect(response.status == 101)
            #expect(response.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            #expect(response.head.lowercased().contains("sec-websocket-protocol: a"))
            let open = #"0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
            #expect(try await connection.message() == .text(.init(string: open)))
        }
    }

    @Test("announces the options that were set; without upgrades none is offered")
    func options() async throws {
        try await TestEngine.run({
            $0.generateID = { _ in "abc" }
            $0.pingInterval = .milliseconds(1500)
            $0.pingTimeout = .seconds(3)
            $0.maxHTTPBufferSize = 77
            $0.allowUpgrades = false
        }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling")
            #expect(
                try await connection.response().body
                    == #"0{"sid":"abc","upgrades":[],"pingInterval":1500,"pingTimeout":3000,"maxPayload":77}"#)
        }
    }

    /// Rows B1 to B6 of the behaviour notes, and the order of the checks (trap 2).
    static let refusals: [(method: String, target: String, status: Int, body: String)] = [
        ("GET", "/socket.io/?EIO=4", 400, #"{"code":0,"message":"Transport unknown"}"#),
        ("GET", "/socket.io/?EIO=3&transport=foo", 400, #"{"code":0,"message":"Transport unknown"}"#),
        ("GET", "/socket.io/?EIO=4&transport=polling&sid=nobody", 400, #"{"code":1,"message":"Session ID unknown"}"#),
        ("POST", "/socket.io/?EIO=3&transport=polling", 400, #"{"code":2,"message":"Bad handshake method"}"#),
        ("PUT", "/socket.io/?EIO=4&transport=polling", 400, #"{"code":2,"message":"Bad handshake method"}"#),
        ("GET", "/socket.io/?EIO=4&transport=websocket", 400, #"{"code":3,"message":"Bad request"}"#),
        ("GET", "/socket.io/?EIO=3&transport=polling", 400, #"{"code":5,"message":"Unsupported protocol version"}"#),
        ("GET", "/socket.io/?transport=polling", 400, #"{"code":5,"message":"Unsupported protocol version"}"#),
        ("GET", "/elsewhere", 404, ""),
    ]

    @Test("is refused with the code of the first thing that is wrong", arguments: refusals)
    func refused(method: String, target: String, status: Int, body: String) async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            try await connection.request(method, target, body: method == "GET" ? nil : "")
            let response = try await connection.response()
            #expect((response.status, response.body) == (status, body))
            // The connection can be used on.
            _ = try await engine.handshake(connection)
        }
    }

    @Test("over an upgrade request is refused in plain text, and the connection ends")
    func refusedUpgrade() async throws {
        try await TestEngine.run { engine in
            for (target, text) in [
                ("/socket.io/?EIO=4&transport=foo", "Transport unknown"),
                ("/socket.io/?EIO=4&transport=websocket&sid=nobody", "Session ID unknown"),
            ] {
                let connection = try await engine.connect()
                let response = try await connection.openWebSocket(target)
                #expect((response.status, response.body) == (400, text))
                try await connection.waitUntilClosed()
            }
        }
    }

    @Test("asks allowRequest; a refusal is 403 over HTTP and 400 over an upgrade")
    func allowRequest() async throws {
        try await TestEngine.run({ $0.allowRequest = { $0.query("token") == "ok" ? .allowed : .refused("no token") } }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling")
            let refused = try await connection.response()
            #expect((refused.status, refused.body) == (403, #"{"code":4,"message":"no token"}"#))
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling&token=ok")
            #expect(try await connection.response().status == 200)
            let upgrade = try await engine.connect().openWebSocket("/socket.io/?EIO=4&transport=websocket")
            #expect((upgrade.status, upgrade.body) == (400, "no token"))
        }
    }

    @Test("of another origin is served in any case; only the headers differ")
    func cors() async throws {
        try await TestEngine.run({ $0.cors = .origins(["https://good.example"]) }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers: ["Origin: https://good.example"])
            let good = try await connection.response()
            #expect(good.head.lowercased().contains("access-control-allow-origin: https://good.example"))
            try await connection.request("GET", "/socket.io/?EIO=4&transport=polling", headers: ["Origin: https://bad.example"])
            let bad = try await connection.response()
            #expect(bad.status == 200)
            #expect(!bad.head.lowercased().contains("access-control-allow-origin"))
            try await connection.request(
                "OPTIONS", "/socket.io/?EIO=4&transport=polling",
                headers: ["Origin: https://good.example", "Access-Control-Request-Headers: x-a"])
            let preflight = try await connection.response()
            #expect(preflight.status == 204)
            #expect(preflight.head.lowercased().contains("access-control-allow-headers: x-a"))
        }
    }
}
