import NIOCore
import SocketIOWire
import Testing

@testable import SocketIOClient

@Suite("WebSocket, against scripted servers")
struct WebSocketClientTests {
    typealias Server = ScriptedServer

    static func client(_ server: Server, _ change: (inout EngineClient.Configuration) -> Void = { _ in }) throws -> Watched {
        try Watched(server.url) {
            $0.transports = [.webSocket]
            change(&$0)
        }
    }

    /// Accepts the WebSocket and sends frames with these texts right behind.
    static func accept(_ request: Server.Request, headers: String = "", _ texts: [String] = [], close: UInt16? = nil) -> ByteBuffer {
        let accept = WebSocketAccept.key(for: request.header("sec-websocket-key") ?? "")
        var reply = ByteBuffer(
            string:
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n\(headers)\r\n"
        )
        for text in texts { WebSocketFrameEncoder.write(.text, payload: ByteBuffer(string: text), into: &reply) }
        if let close { WebSocketFrameEncoder.writeClose(code: close, reason: "bye", into: &reply) }
        return reply
    }

    @Test("frames right behind the server's 101 are not lost, however the bytes are cut", arguments: [1, 7, 150, 100_000])
    func earlyFrames(pieces: Int) async throws {
        let server = try await Server.start { request in
            .bytes(Self.accept(request, [Server.handshake, "4grüße", "bAQID", "1"]), pieces: pieces)
        }
        let watched = try Self.client(server)
        watched.client.connect()
        _ = try await watched.end()
        #expect(watched.events.values == ["opened s1", "text grüße", "binary [1, 2, 3]", "closed transport close"])
        let request = try #require(server.requests.values.first)
        #expect(request.target == "/socket.io/?EIO=4&transport=websocket")
        #expect(request.header("upgrade") == "websocket")
        #expect(request.header("sec-websocket-version") == "13")
        #expect(request.header("sec-websocket-key")?.count == 24)
    }

    @Test("a refused upgrade tells the status and the text")
    func refused() async throws {
        let server = try await Server.start { _ in
            .last(Server.response("400 Bad Request", "Session ID unknown", headers: "Connection: close\r\n"))
        }
        let watched = try Self.client(server)
        await #expect(throws: EngineClientError.refused(status: 400, code: nil, message: "Session ID unknown")) {
            try await watched.client.open()
        }
    }

    @Test("an acceptance that does not fit is refused")
    func unfit() async throws {
        let scripts: [Server.Script] = [
            { _ in
                .bytes(
                    ByteBuffer(string: "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"))
            },
            { _ in .bytes(ByteBuffer(string: "HTTP/1.1 101 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")) },
            { .bytes(Self.accept($0, headers: "Sec-WebSocket-Extensions: permessage-deflate\r\n")) },
            { _ in .bytes(ByteBuffer(string: "SSH-2.0-OpenSSH\r\n\r\n")) },
            { .bytes(Self.accept($0, ["4first"])) },
            { .bytes(Self.accept($0, ["0{}"])) },
            { .bytes(Self.accept($0, ["zzz"])) },
        ]
        for (index, script) in scripts.enumerated() {
            let server = try await Server.start(script)
            let watched = try Self.client(server)
            await #expect(throws: EngineClientError.self, "script \(index)") { try await watched.client.open() }
            let end = try await watched.end()
            #expect(end.hasPrefix("closed transport error: the server sent something that is not Engine.IO"), "script \(index)")
        }
    }

    @Test("the server's close frame is told with its code and reason")
    func closeFrame() async throws {
        let server = try await Server.start { .bytes(Self.accept($0, [Server.handshake], close: 4321)) }
        let watched = try Self.client(server)
        watched.client.connect()
        #expect(try await watched.end() == "closed transport close: the server closed the WebSocket with code 4321: bye")
    }

    @Test("a message above the limit ends the connection")
    func tooLarge() async throws {
        let server = try await Server.start { .bytes(Self.accept($0, [Server.handshake, "4" + String(repeating: "x", count: 5000)])) }
        let watched = try Self.client(server) { $0.maximumMessageSize = 4096 }
        watched.client.connect()
        #expect(try await watched.end() == "closed transport error: \(EngineClientError.tooLarge(limit: 4096))")
    }

    @Test("frames that are cut anywhere or hold wrong bytes do no harm")
    func mutated() async throws {
        var random = SeededRandom(seed: 9)
        for round in 0..<300 {
            let isCut = round % 2 == 0
            let choice = UInt64.random(in: 0...UInt64.max, using: &random)
            let server = try await Server.start { request in
                var random = SeededRandom(seed: choice)
                var reply = Self.accept(request, [Server.handshake, "4a", "4b"], close: 1000)
                let at = Int.random(in: 0..<reply.readableBytes, using: &random)
                if isCut { return .last(reply.getSlice(at: reply.readerIndex, length: at) ?? ByteBuffer()) }
                reply.setInteger(UInt8.random(in: 0...255, using: &random), at: reply.readerIndex + at)
                return .last(reply)
            }
            let watched = try Self.client(server) { $0.connectTimeout = .seconds(5) }
            watched.client.connect()
            #expect(try await watched.end().hasPrefix("closed transport"))
            try await server.stop()
        }
    }

    @Test("an upgrade that the server refuses leaves the connection on polling")
    func failedUpgrade() async throws {
        let server = try await Server.start { request in
            if request.target.contains("transport=websocket") { return .last(Server.response("400 Bad Request", "Bad request")) }
            if !request.target.contains("sid=") { return .bytes(Server.response("200 OK", Server.handshake)) }
            return request.method == "POST" ? .bytes(Server.response("200 OK", "ok")) : .hold
        }
        let watched = try Watched(server.url) {
            $0.upgrade = .manual
            $0.closeTimeout = .milliseconds(100)
        }
        try await watched.client.open()
        for _ in 0..<2 {
            await #expect(throws: EngineClientError.upgradeFailed("the server answered 400: Bad request")) {
                try await watched.client.upgrade()
            }
        }
        #expect(watched.client.transport == .polling)
        watched.client.send(ByteBuffer(string: "still here"))
        try await server.requests.wait(for: "the message") { $0.contains { String(buffer: $0.body) == "4still here" } }
        watched.client.close()
        await watched.client.waitUntilEnded()
    }
}
