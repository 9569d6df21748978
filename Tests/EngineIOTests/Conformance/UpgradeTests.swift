import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

/// Rows D3 to D6 and traps 5 to 9 of the behaviour notes, beside those in ``WebSocketTests``.
@Suite("An upgrade under way")
struct UpgradeTests {
    private struct Upgrading {
        let poll: RawConnection
        let post: RawConnection
        let webSocket: RawConnection
        let target: String
    }

    private func begin(_ engine: TestEngine, probing: Bool = true) async throws -> Upgrading {
        let poll = try await engine.connect()
        let target = try await engine.handshake(poll)
        let webSocket = try await engine.connect()
        _ = try await webSocket.openWebSocket(
            "/socket.io/?EIO=4&transport=websocket&sid=\(target.split(separator: "sid=").last ?? "")")
        if probing {
            try await webSocket.sendFrame(.text, "2probe")
            #expect(try await webSocket.message() == .text(ByteBuffer(string: "3probe")))
        }
        return Upgrading(poll: poll, post: try await engine.connect(), webSocket: webSocket, target: target)
    }

    private func event(_ text: String) -> WebSocketMessage { .text(ByteBuffer(string: "42[\"e\",\"\(text)\"]")) }

    @Test("answers every poll with a noop, not only the first (trap 5)")
    func repeatedNoop() async throws {
        try await TestEngine.run { engine in
            let upgrading = try await begin(engine)
            for _ in 0..<3 {
                try await upgrading.poll.request("GET", upgrading.target)
                #expect(try await upgrading.poll.response().body == "6")
            }
        }
    }

    @Test("sends events by a poll that hangs, for the old transport is still the real one (trap 6)")
    func eventsByPoll() async throws {
        try await TestEngine.run { engine in
            let upgrading = try await begin(engine)
            try await upgrading.post.request("POST", upgrading.target, body: "4echo 1")
            #expect(try await upgrading.post.response().body == "ok")
            try await upgrading.poll.request("GET", upgrading.target)
            #expect(try await upgrading.poll.response().body == "42[\"e\",\"echo 1\"]")
            try await upgrading.webSocket.sendFrame(.text, "5")
            try await upgrading.webSocket.sendFrame(.text, "4echo 2")
            #expect(try await upgrading.webSocket.message() == event("echo 2"))
        }
    }

    @Test("is completed by a 5 without a probe (trap 7), and a poll that hangs is freed by a noop")
    func withoutProbe() async throws {
        try await TestEngine.run { engine in
            let upgrading = try await begin(engine, probing: false)
            try await upgrading.poll.request("GET", upgrading.target)
            try await engine.pollHangs()
            try await upgrading.webSocket.sendFrame(.text, "5")
            #expect(try await upgrading.poll.response().body == "6")
            try await upgrading.webSocket.sendFrame(.text, "4echo 1")
            #expect(try await upgrading.webSocket.message() == event("echo 1"))
        }
    }

    @Test("is not ended by the old transport: a poll that is cut after the 5 means nothing (trap 8)")
    func lateAbort() async throws {
        try await TestEngine.run { engine in
            let upgrading = try await begin(engine)
            try await upgrading.webSocket.sendFrame(.text, "5")
            try await upgrading.webSocket.sendFrame(.text, "4echo 1")
            #expect(try await upgrading.webSocket.message() == event("echo 1"))
            try await upgrading.poll.close()
            try await upgrading.webSocket.sendFrame(.text, "4echo 2")
            #expect(try await upgrading.webSocket.message() == event("echo 2"))
        }
    }

    @Test("that fails costs only the WebSocket: cut, closed, or spoken to wrongly, the session polls on (trap 9)", arguments: [0, 1, 2])
    func failure(kind: Int) async throws {
        try await TestEngine.run { engine in
            let upgrading = try await begin(engine)
            switch kind {
            case 0: try await upgrading.webSocket.close()
            case 1: try await upgrading.webSocket.sendFrame(.close, "")
            default: try await upgrading.webSocket.sendFrame(.binary, "x")
            }
            try await upgrading.post.request("POST", upgrading.target, body: "4echo 1")
            #expect(try await upgrading.post.response().body == "ok")
            try await upgrading.poll.request("GET", upgrading.target)
            #expect(try await upgrading.poll.response().body.hasSuffix("42[\"e\",\"echo 1\"]"))
        }
    }

    @Test("takes one WebSocket at a time: another is accepted and closed (row D6)")
    func second() async throws {
        try await TestEngine.run { engine in
            let upgrading = try await begin(engine)
            let other = try await engine.connect()
            let sid = upgrading.target.split(separator: "sid=").last ?? ""
            #expect(try await other.openWebSocket("/socket.io/?EIO=4&transport=websocket&sid=\(sid)").status == 101)
            #expect(try await other.message() == .close(code: nil, reason: ""))
            try await upgrading.webSocket.sendFrame(.text, "5")
            try await upgrading.webSocket.sendFrame(.text, "4echo 1")
            #expect(try await upgrading.webSocket.message() == event("echo 1"))
        }
    }

    @Test("is done also where upgrades are not offered (row A10)")
    func notOffered() async throws {
        try await TestEngine.run({ $0.allowUpgrades = false }) { engine in
            let upgrading = try await begin(engine)
            try await upgrading.webSocket.sendFrame(.text, "5")
            try await upgrading.webSocket.sendFrame(.text, "4echo 1")
            #expect(try await upgrading.webSocket.message() == event("echo 1"))
        }
    }
}

/// Limits and slowness: rows C11, C12, traps 21 to 23.
@Suite("A client that is slow or large")
struct BackpressureTests {
    private static let webSocket = "/socket.io/?EIO=4&transport=websocket"

    @Test("costs the others nothing: they are served while it does not read")
    func slowAndFast() async throws {
        try await TestEngine.run { engine in
            let slow = try await engine.connect()
            try await slow.stopReading()
            try await slow.request(
                "GET", Self.webSocket,
                headers: [
                    "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                ])
            try await engine.opened(1)
            let connection = engine.connections.withLockedValue { $0[0] }
            let large = TestEngine.event(String(repeating: "x", count: 100_000))
            try await connection.eventLoop.submit { for _ in 0..<100 { connection.send(large) } }.get()
            let fast = try await engine.connect()
            _ = try await fast.openWebSocket(Self.webSocket)
            _ = try await fast.message()
            for index in 0..<100 {
                try await fast.sendFrame(.text, "4echo \(index)")
                #expect(try await fast.message() == .text(ByteBuffer(string: "42[\"e\",\"echo \(index)\"]")))
            }
            #expect(connection.bufferedBytes > 1_000_000)
            #expect(try await connection.eventLoop.submit { connection.isWritable }.get() == false)
            try await slow.close()
        }
    }

    @Test("gets all that waits in one polling answer, and may send many packets in one body (rows C11, C12)")
    func many() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            let packets = (0..<2000).map { "4echo \($0)" }
            try await connection.request("POST", target, body: packets.joined(separator: "\u{1e}"))
            #expect(try await connection.response().body == "ok")
            try await connection.request("GET", target)
            let body = try await connection.response().body
            #expect(body == (0..<2000).map { "42[\"e\",\"echo \($0)\"]" }.joined(separator: "\u{1e}"))
        }
    }

    @Test("that calls its body an octet stream and more is read as text (trap 21)")
    func contentType() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, headers: ["Content-Type: application/octet-stream; x"], body: "4echo 1")
            #expect(try await connection.response().body == "ok")
            #expect(try await engine.noted("echo") == "echo 1")
        }
    }

    @Test("hears of a close for a while at its next poll; until then the session counts, then it is forgotten (trap 22)")
    func closingSession() async throws {
        try await TestEngine.run({
            $0.pollingCloseTimeout = .milliseconds(100)
            $0.pingInterval = .milliseconds(400)
        }) { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: "4close")
            _ = try await connection.response()
            #expect(try await engine.noted("closed") == "closed: forced close")
            try await engine.forgotten()
            try await connection.request("GET", target)
            #expect(try await connection.response().body == #"{"code":1,"message":"Session ID unknown"}"#)
        }
    }

    @Test("gets what waits before a close even if that takes a while (trap 23)")
    func drainsBeforeClose() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            _ = try await connection.openWebSocket(Self.webSocket)
            _ = try await connection.message()
            let session = engine.connections.withLockedValue { $0[0] }
            let text = String(repeating: "x", count: 1_000_000)
            try await session.eventLoop.submit {
                for _ in 0..<8 { session.send(TestEngine.event(text)) }
                session.close(reason: .forcedClose, detail: nil)
            }.get()
            try await connection.received(bytes: 8_000_000)
        }
    }

    @Test("is cut at any byte of a handshake, a POST or an upgrade, and the server serves on")
    func cutAnywhere() async throws {
        try await TestEngine.run { engine in
            let session = try await engine.handshake(try await engine.connect())
            let upgrade =
                "GET \(Self.webSocket) HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            let post = "POST \(session) HTTP/1.1\r\nHost: test\r\nContent-Length: 7\r\n\r\n4echo 1"
            for request in ["GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: test\r\n\r\n", upgrade, post] {
                for length in 1..<request.utf8.count {
                    let connection = try await engine.connect()
                    try await connection.send(String(request.prefix(length)))
                    try await connection.close()
                }
            }
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: "4echo 1")
            #expect(try await connection.response().status == 200)
        }
    }
}
