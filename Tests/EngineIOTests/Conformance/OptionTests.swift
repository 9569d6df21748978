import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

/// The options of rows A3, A4, A7, A14, A15, A18, A19, B10, C13, F1, F4, F6 and F7 of the behaviour notes.
@Suite("An option")
struct OptionTests {
    private static let polling = "/socket.io/?EIO=4&transport=polling"

    private func status(_ engine: TestEngine, _ target: String) async throws -> Int {
        let connection = try await engine.connect()
        try await connection.request("GET", target)
        return try await connection.response().status
    }

    private func expect(_ engine: TestEngine, _ target: String, _ expected: Int) async throws {
        let status = try await status(engine, target)
        #expect(status == expected, "\(target)")
    }

    @Test("path: a prefix with its slash, /socket.io alone is somebody else's")
    func path() async throws {
        try await TestEngine.run { engine in
            try await expect(engine, "/socket.io/foo?EIO=4&transport=polling", 200)
            try await expect(engine, "/socket.io?EIO=4&transport=polling", 404)
            try await expect(engine, "/socket.iox/?EIO=4&transport=polling", 404)
        }
        try await TestEngine.run({ $0.acceptsPathWithoutSlash = true }) { engine in
            try await expect(engine, "/socket.io?EIO=4&transport=polling", 200)
            try await expect(engine, "/socket.iox?EIO=4&transport=polling", 404)
        }
    }

    @Test("addTrailingSlash off: any path that begins so")
    func noTrailingSlash() async throws {
        try await TestEngine.run({
            $0.path = "/rt"
            $0.addTrailingSlash = false
        }) { engine in
            for path in ["/rt", "/rt/", "/rtfoo"] {
                try await expect(engine, "\(path)?EIO=4&transport=polling", 200)
            }
            try await expect(engine, "/r?EIO=4&transport=polling", 404)
        }
    }

    @Test("initialPacket comes in the same answer as the handshake, and right after it on WebSocket")
    func initialPacket() async throws {
        try await TestEngine.run({ $0.initialPacket = .text(ByteBuffer(string: "hello")) }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", Self.polling)
            #expect(try await connection.response().body.hasSuffix("}\u{1e}4hello"))
            let webSocket = try await engine.connect()
            _ = try await webSocket.openWebSocket("/socket.io/?EIO=4&transport=websocket")
            _ = try await webSocket.message()
            #expect(try await webSocket.message() == .text(ByteBuffer(string: "4hello")))
        }
    }

    @Test("b64 in the query: bytes as base64 on WebSocket too")
    func base64() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            _ = try await connection.openWebSocket("/socket.io/?EIO=4&transport=websocket&b64=1")
            _ = try await connection.message()
            try await connection.sendFrame(.text, "4binary")
            _ = try await connection.message()
            #expect(try await connection.message() == .text(ByteBuffer(string: "bAQI=")))
        }
    }

    private struct NoID: Error {}

    @Test("generateID that throws, or gives an id that is taken, refuses the handshake with code 3", arguments: [true, false])
    func generateID(throwing: Bool) async throws {
        try await TestEngine.run({
            $0.generateID = { _ in
                if throwing { throw NoID() }
                return "always the same"
            }
        }) { engine in
            if !throwing { try await expect(engine, Self.polling, 200) }
            let connection = try await engine.connect()
            try await connection.request("GET", Self.polling)
            let response = try await connection.response()
            #expect((response.status, response.body) == (400, #"{"code":3,"message":"Bad request"}"#))
            let upgrade = try await engine.connect().openWebSocket("/socket.io/?EIO=4&transport=websocket")
            #expect((upgrade.status, upgrade.body) == (400, "Bad request"))
        }
    }

    @Test("middleware sees every request; what it throws is a bad request, and it may answer itself")
    func middleware() async throws {
        let seen = NIOLockedValueBox<[String]>([])
        try await TestEngine.run({
            $0.middleware = [
                { request in
                    seen.withLockedValue { $0.append(request.method.rawValue) }
                    return .next
                },
                { request in
                    switch request.query("say") {
                    case "error": throw NoID()
                    case "teapot": .respond(EngineResponse(status: .init(code: 418), body: ByteBuffer(string: "tea")))
                    default: .next
                    }
                },
            ]
        }) { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: "4echo 1")
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("echo") == "echo 1")
            #expect(seen.withLockedValue { $0 } == ["GET", "POST"])
            try await connection.request("GET", Self.polling + "&say=error")
            #expect(try await connection.response().body == #"{"code":3,"message":"Bad request"}"#)
            try await connection.request("GET", Self.polling + "&say=teapot")
            let tea = try await connection.response()
            #expect((tea.status, tea.body) == (418, "tea"))
            let refused = try await engine.connect().openWebSocket("/socket.io/?EIO=4&transport=websocket&say=error")
            #expect((refused.status, refused.body) == (400, "Bad request"))
            let hungUp = try await engine.connect()
            try await hungUp.request(
                "GET", "/socket.io/?EIO=4&transport=websocket&say=teapot", headers: ["Connection: Upgrade", "Upgrade: websocket"])
            try await hungUp.waitUntilClosed()
        }
    }

    @Test("allowedOrigins refuses pages of other origins, and nobody else")
    func allowedOrigins() async throws {
        try await TestEngine.run({ $0.allowedOrigins = ["https://good.example"] }) { engine in
            let connection = try await engine.connect()
            for (headers, status) in [([], 200), (["Origin: https://good.example"], 200), (["Origin: https://bad.example"], 403)] {
                try await connection.request("GET", Self.polling, headers: headers)
                #expect(try await connection.response().status == status)
            }
            let upgrade = try await engine.connect().openWebSocket(
                "/socket.io/?EIO=4&transport=websocket", headers: ["Origin: https://bad.example"])
            #expect((upgrade.status, upgrade.body) == (400, "Forbidden"))
        }
    }

    @Test("cookie is set on polling handshakes only")
    func cookie() async throws {
        try await TestEngine.run({
            $0.cookie = .init()
            $0.generateID = { _ in "abc" }
        }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", Self.polling)
            #expect(try await connection.response().head.contains("Set-Cookie: io=abc; Path=/; HttpOnly; SameSite=Lax"))
            try await connection.request("POST", Self.polling + "&sid=abc", body: "4x")
            let second = try await connection.response()
            #expect(!second.head.contains("Set-Cookie"))
        }
    }

    @Test("initialHeaders come once, headers with every answer, both with the 101")
    func headers() async throws {
        let name = try #require(HTTPField.Name("x-every"))
        let initial = try #require(HTTPField.Name("x-initial"))
        try await TestEngine.run({
            $0.headers = { _ in [name: "1"] }
            $0.initialHeaders = { _ in [initial: "1"] }
        }) { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", Self.polling)
            let open = try await connection.response()
            #expect(open.head.contains("x-every: 1") && open.head.contains("x-initial: 1"))
            let sid = try #require(open.body.firstMatch(of: /"sid":"([^"]*)"/)?.1)
            try await connection.request("POST", Self.polling + "&sid=\(sid)", body: "4x")
            let post = try await connection.response()
            #expect(post.head.contains("x-every: 1") && !post.head.contains("x-initial: 1"))
            let upgrade = try await engine.connect().openWebSocket("/socket.io/?EIO=4&transport=websocket")
            #expect(upgrade.head.contains("x-every: 1") && upgrade.head.contains("x-initial: 1"))
        }
    }

    @Test("onConnectionError hears of each refusal, with what exactly was wrong")
    func connectionError() async throws {
        let heard = NIOLockedValueBox<[String]>([])
        try await TestEngine.run({ $0.onConnectionError = { _, error in heard.withLockedValue { $0.append(error.context) } } }) { engine in
            _ = try await status(engine, "/socket.io/?EIO=4&transport=carrier-pigeon")
            _ = try await status(engine, "/socket.io/?EIO=4&transport=websocket")
            #expect(heard.withLockedValue { $0 } == ["transport=carrier-pigeon", "TRANSPORT_HANDSHAKE_ERROR"])
        }
    }

    @Test("cors: methods, headers, credentials and the age of a preflight are said as set; a function may choose the origins")
    func cors() async throws {
        try await TestEngine.run({
            var cors = EngineOptions.CORS(.matching { $0.hasSuffix(".example") }, credentials: true)
            cors.methods = ["GET", "POST"]
            cors.allowedHeaders = ["x-a"]
            cors.exposedHeaders = ["x-b"]
            cors.maxAge = 60
            cors.optionsSuccessStatus = 200
            $0.cors = cors
        }) { engine in
            let connection = try await engine.connect()
            try await connection.request("OPTIONS", Self.polling, headers: ["Origin: https://a.example"])
            let preflight = try await connection.response()
            #expect(preflight.status == 200)
            let head = preflight.head.lowercased()
            for line in [
                "access-control-allow-origin: https://a.example", "access-control-allow-credentials: true",
                "access-control-allow-methods: get,post", "access-control-allow-headers: x-a", "access-control-expose-headers: x-b",
                "access-control-max-age: 60", "vary: origin",
            ] { #expect(head.contains(line), "\(line)") }
            try await connection.request("GET", Self.polling, headers: ["Origin: https://a.test"])
            let foreign = try await connection.response()
            #expect(!foreign.head.lowercased().contains("access-control-allow-origin"))
        }
    }

    @Test("cors off: OPTIONS is a bad handshake method (trap 29)")
    func options() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            try await connection.request("OPTIONS", Self.polling)
            #expect(try await connection.response().body == #"{"code":2,"message":"Bad handshake method"}"#)
        }
    }

    @Test("destroyUpgrade: an upgrade that nobody takes is hung up on; off, it is answered")
    func destroyUpgrade() async throws {
        for isOn in [true, false] {
            try await TestEngine.run({
                $0.destroyUpgrade = isOn
                $0.destroyUpgradeTimeout = .milliseconds(20)
            }) { engine in
                let connection = try await engine.connect()
                try await connection.request("GET", "/elsewhere", headers: ["Connection: Upgrade", "Upgrade: websocket"])
                if isOn { try await connection.waitUntilClosed() } else { #expect(try await connection.response().status == 404) }
            }
        }
    }

    @Test("for Internet Explorer the polling answers say that they are no attack")
    func internetExplorer() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            try await connection.request("GET", Self.polling, headers: ["User-Agent: Mozilla/5.0 (Windows NT 6.1; Trident/7.0)"])
            #expect(try await connection.response().head.lowercased().contains("x-xss-protection: 0"))
        }
    }

    @Test("a client that waits for 100 Continue before its POST is told to go on")
    func expectContinue() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.send("POST \(target) HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await connection.response().status == 100)
            try await connection.send("4x")
            #expect(try await connection.response().body == "ok")
        }
    }
}
