import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import SocketIOWire
import Testing

@testable import EngineIO

/// Rows D1 to D11, E1 and E2 of the behaviour notes.
@Suite("WebSocket")
struct WebSocketTests {
    private static let target = "/socket.io/?EIO=4&transport=websocket"

    private func open(_ engine: TestEngine) async throws -> RawConnection {
        let connection = try await engine.connect()
        #expect(try await connection.openWebSocket(Self.target).status == 101)
        guard case .text = try await connection.message() else { throw CancellationError() }
        return connection
    }

    @Test("carries a packet a frame, binary as it is")
    func packets() async throws {
        try await TestEngine.run { engine in
            let connection = try await open(engine)
            try await connection.sendFrame(.text, "4echo 1")
            #expect(try await connection.message() == .text(ByteBuffer(string: "42[\"e\",\"echo 1\"]")))
            try await connection.sendFrame(.binary, "abc")
            #expect(try await engine.noted("[97") == "[97, 98, 99]")
            try await connection.sendFrame(.text, "bAQID")
            #expect(try await engine.noted("[1") == "[1, 2, 3]")
        }
    }

    @Test("ignores the text 1, whose close follows anyway")
    func closePacket() async throws {
        try await TestEngine.run { engine in
            let connection = try await open(engine)
            try await connection.sendFrame(.text, "1")
            try await connection.sendFrame(.text, "4echo 1")
            #expect(try await connection.message() == .text(ByteBuffer(string: "42[\"e\",\"echo 1\"]")))
        }
    }

    @Test("closes with 1009 when a message is over the limit")
    func tooLarge() async throws {
        try await TestEngine.run({ $0.maxHTTPBufferSize = 50 }) { engine in
            let connection = try await open(engine)
            try await connection.sendFrame(.text, "4" + String(repeating: "x", count: 60))
            #expect(try await connection.message() == .close(code: 1009, reason: ""))
            #expect(try await engine.noted("closed").hasPrefix("closed: transport error"))
        }
    }

    @Test("is closed by the server without a code, after the last words")
    func serverCloses() async throws {
        try await TestEngine.run { engine in
            let connection = try await open(engine)
            try await connection.sendFrame(.text, "4last words")
            #expect(try await connection.message() == .text(ByteBuffer(string: "42[\"e\",\"bye\"]")))
            #expect(try await connection.message() == .close(code: nil, reason: ""))
            #expect(try await engine.noted("closed") == "closed: forced close")
        }
    }

    @Test("reports who went away without a close, and a close", arguments: [true, false])
    func clientCloses(isPolite: Bool) async throws {
        try await TestEngine.run { engine in
            let connection = try await open(engine)
            if isPolite { try await connection.sendFrame(.close, "") } else { try await connection.close() }
            #expect(try await engine.noted("closed").hasPrefix("closed: transport close"))
        }
    }

    @Test("pings, and gives up a client that does not answer")
    func heartbeat() async throws {
        try await TestEngine.run({
            $0.pingInterval = .milliseconds(40)
            $0.pingTimeout = .milliseconds(1500)
        }) { engine in
            let connection = try await open(engine)
            #expect(try await connection.message() == .text(ByteBuffer(string: "2")))
            try await connection.sendFrame(.text, "3")
            #expect(try await connection.message() == .text(ByteBuffer(string: "2")))
            #expect(try await engine.noted("closed").hasPrefix("closed: ping timeout"))
        }
    }

    @Test("takes a packet of no known type as a parse error")
    func parseError() async throws {
        try await TestEngine.run { engine in
            let connection = try await open(engine)
            try await connection.sendFrame(.text, "x")
            #expect(try await engine.noted("closed").hasPrefix("closed: parse error"))
        }
    }

    @Test("takes over from polling: probe, a noop for the hanging poll, completion; what waited comes in order")
    func upgrade() async throws {
        // Several loops, so that session and WebSocket may be on different ones.
        try await TestEngine.run(on: MultiThreadedEventLoopGroup(numberOfThreads: 3)) { engine in
            for _ in 1...6 {
                let poll = try await engine.connect()
                let target = try await engine.handshake(poll)
                let webSocket = try await engine.connect()
                let sid = target.split(separator: "sid=").last ?? ""
                #expect(try await webSocket.openWebSocket(Self.target + "&sid=\(sid)").status == 101)
                try await webSocket.sendFrame(.text, "2probe")
                #expect(try await webSocket.message() == .text(ByteBuffer(string: "3probe")))
                try await poll.request("GET", target)
                #expect(try await poll.response().body == "6")
                try await poll.request("POST", target, body: "4echo 1\u{1e}4echo 2")
                #expect(try await poll.response().body == "ok")
                try await webSocket.sendFrame(.text, "5")
                try await webSocket.sendFrame(.text, "4echo 3")
                for number in 1...3 {
                    #expect(try await webSocket.message() == .text(ByteBuffer(string: "42[\"e\",\"echo \(number)\"]")))
                }
                try await poll.request("GET", target)
                #expect(try await poll.response().body == #"{"code":3,"message":"Bad request"}"#)
                let second = try await engine.connect()
                #expect(try await second.openWebSocket(Self.target + "&sid=\(sid)").status == 101)
                #expect(try await second.message() == .close(code: nil, reason: ""))
                try await webSocket.sendFrame(.text, "4echo 4")
                #expect(try await webSocket.message() == .text(ByteBuffer(string: "42[\"e\",\"echo 4\"]")))
            }
            #expect(engine.engine?.statistics.upgrades == 6)
        }
    }

    @Test("that begins with anything but a probe is closed, and the session polls on", arguments: ["4early", "2other", "1"])
    func wrongFirstPacket(text: String) async throws {
        try await TestEngine.run { engine in
            let poll = try await engine.connect()
            let target = try await engine.handshake(poll)
            let webSocket = try await engine.connect()
            _ = try await webSocket.openWebSocket(Self.target + "&sid=\(target.split(separator: "sid=").last ?? "")")
            try await webSocket.sendFrame(.text, text)
            #expect(try await webSocket.message() == .close(code: nil, reason: ""))
            try await poll.request("POST", target, body: "4echo 1")
            _ = try await poll.response()
            try await poll.request("GET", target)
            #expect(try await poll.response().body == "42[\"e\",\"echo 1\"]")
        }
    }

    @Test("whose upgrade is not finished in time is closed, and the session polls on")
    func upgradeTimeout() async throws {
        try await TestEngine.run({
            $0.upgradeTimeout = .milliseconds(50)
            $0.pingInterval = .milliseconds(400)
        }) { engine in
            let poll = try await engine.connect()
            let target = try await engine.handshake(poll)
            let webSocket = try await engine.connect()
            _ = try await webSocket.openWebSocket(Self.target + "&sid=\(target.split(separator: "sid=").last ?? "")")
            try await webSocket.sendFrame(.text, "2probe")
            #expect(try await webSocket.message() == .text(ByteBuffer(string: "3probe")))
            #expect(try await webSocket.message() == .close(code: nil, reason: ""))
            try await poll.request("GET", target)
            #expect(["2", "6"].contains(try await poll.response().body))
        }
    }

    @Test("of a client that does not read is cut at the bound, with a reason that says so")
    func slowReader() async throws {
        try await TestEngine.run({ $0.maxBufferedBytes = 200_000 }) { engine in
            _ = try await open(engine)
            let connection = engine.connections.withLockedValue { $0[0] }
            let large = TestEngine.event(String(repeating: "x", count: 100_000))
            // More than any socket buffer takes; the test's end reads as slowly as it can: it holds the loop.
            try await connection.eventLoop.submit {
                for _ in 0..<200 { connection.send(large) }
            }.get()
            #expect(try await engine.noted("closed").contains("the client is too slow"))
        }
    }

    @Test("of another protocol revision is opened and closed at once")
    func wrongVersion() async throws {
        try await TestEngine.run { engine in
            let connection = try await engine.connect()
            #expect(try await connection.openWebSocket("/socket.io/?EIO=3&transport=websocket").status == 101)
            #expect(try await connection.message() == .close(code: nil, reason: ""))
        }
    }

    @Test("frames cut anywhere leave the server serving")
    func cutFrames() async throws {
        try await TestEngine.run { engine in
            var frame = ByteBuffer()
            WebSocketFrameEncoder.write(.text, payload: ByteBuffer(string: "4echo 1"), mask: 7, into: &frame)
            for length in 1..<frame.readableBytes {
                let connection = try await open(engine)
                try await connection.send(frame.getSlice(at: 0, length: length) ?? frame)
                try await connection.close()
                _ = try await engine.noted("closed")
            }
            let connection = try await open(engine)
            try await connection.send(frame)
            #expect(try await connection.message() == .text(ByteBuffer(string: "42[\"e\",\"echo 1\"]")))
        }
    }
}
