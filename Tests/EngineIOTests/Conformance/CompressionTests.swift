import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

/// Rows F8 and K10 of the behaviour notes.
@Suite("Polling answers")
struct HTTPCompressionTests {
    private func largeAnswer(
        _ message: String = "large", accepting: String?, _ change: (inout EngineOptions) -> Void = { _ in }
    ) async throws -> (head: String, body: ByteBuffer) {
        var answer: (head: String, body: ByteBuffer) = ("", ByteBuffer())
        try await TestEngine.run(change) { engine in
            let connection = try await engine.connect()
            let target = try await engine.handshake(connection)
            try await connection.request("POST", target, body: "4\(message)")
            #expect(try await connection.response().body == "ok")
            try await connection.request("GET", target, headers: accepting.map { ["Accept-Encoding: \($0)"] } ?? [])
            answer = try await connection.binaryResponse()
        }
        return (answer.head.lowercased(), answer.body)
    }

    private let text = "42[\"e\",\"\(String(repeating: "x", count: 2000))\"]"

    @Test(
        "above the threshold are compressed as the client likes best",
        arguments: [("gzip, deflate, br", "gzip"), ("deflate", "deflate"), ("gzip;q=0.5, deflate;q=0.8", "deflate"), ("br, *", "gzip")])
    func compressed(accepting: String, encoding: String) async throws {
        let (head, body) = try await largeAnswer(accepting: accepting)
        #expect(head.contains("content-encoding: \(encoding)"))
        #expect(body.readableBytes < 200)
        let plain = try Compression.inflate(body, as: encoding == "gzip" ? .gzip : .zlib, limit: 10_000)
        #expect(String(buffer: plain) == text)
    }

    @Test("are plain for a client that does not ask, or refuses", arguments: [nil, "br", "gzip;q=0", "identity"])
    func plain(accepting: String?) async throws {
        let (head, body) = try await largeAnswer(accepting: accepting)
        #expect(!head.contains("content-encoding"))
        #expect(String(buffer: body) == text)
    }

    @Test("are plain below the threshold, when the message asks for it, and when compression is off")
    func switchedOff() async throws {
        for (message, change) in [
            ("echo", { @Sendable (_: inout EngineOptions) in }), ("large, but plain", { _ in }), ("large", { $0.httpCompression = nil }),
        ] as [(String, @Sendable (inout EngineOptions) -> Void)] {
            let answer = try await largeAnswer(message, accepting: "gzip", change)
            #expect(!answer.head.contains("content-encoding"))
        }
    }
}

/// Row F9 of the behaviour notes.
@Suite("permessage-deflate")
struct PerMessageDeflateTests {
    private static let target = "/socket.io/?EIO=4&transport=websocket"
    private static let offer = ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"]

    @Test("is not agreed on unless it is switched on")
    func off() async throws {
        try await TestEngine.run { engine in
            let answer = try await engine.connect().openWebSocket(Self.target, headers: Self.offer)
            #expect(!answer.head.lowercased().contains("sec-websocket-extensions"))
        }
    }

    @Test("compresses both ways, without context takeover, what is above the threshold")
    func on() async throws {
        try await TestEngine.run({ $0.perMessageDeflate = .init() }) { engine in
            let connection = try await engine.connect()
            let answer = try await connection.openWebSocket(Self.target, headers: Self.offer)
            #expect(answer.head.contains("permessage-deflate; server_no_context_takeover; client_no_context_takeover"))
            guard case .text = try await connection.message() else { throw CancellationError() }
            for _ in 0..<2 {
                let deflated = try #require(Compression.deflateMessage(ByteBuffer(string: "4large")))
                try await connection.sendFrame(.text, bytes: Array(deflated.readableBytesView), isCompressed: true)
                #expect(try await engine.noted("large") == "large")
                let text = "42[\"e\",\"\(String(repeating: "x", count: 2000))\"]"
                #expect(try await connection.message() == .text(ByteBuffer(string: text)))
            }
            let sent = engine.connections.withLockedValue { $0.first?.bytesOut ?? 0 }
            #expect(sent < 500)
            try await connection.sendFrame(.text, "4binary")
            #expect(try await connection.message() == .text(ByteBuffer(string: #"451-["b",{"_placeholder":true,"num":0}]"#)))
            #expect(try await connection.message() == .binary(ByteBuffer(bytes: [1, 2])))
        }
    }

    @Test("stops a bomb at the limit on messages")
    func bomb() async throws {
        try await TestEngine.run({
            $0.perMessageDeflate = .init()
            $0.maxHTTPBufferSize = 100_000
        }) { engine in
            let connection = try await engine.connect()
            _ = try await connection.openWebSocket(Self.target, headers: Self.offer)
            _ = try await connection.message()
            let bomb = try #require(Compression.deflateMessage(ByteBuffer(repeating: 0x34, count: 5_000_000)))
            #expect(bomb.readableBytes < 100_000)
            try await connection.sendFrame(.text, bytes: Array(bomb.readableBytesView), isCompressed: true)
            #expect(try await connection.message() == .close(code: 1009, reason: ""))
        }
    }

    @Test("closes with 1007 on damaged data, and with 1002 on a compressed frame that was not agreed on")
    func damaged() async throws {
        for (isOn, code) in [(true, 1007), (false, 1002)] as [(Bool, UInt16)] {
            try await TestEngine.run({ if isOn { $0.perMessageDeflate = .init() } }) { engine in
                let connection = try await engine.connect()
                _ = try await connection.openWebSocket(Self.target, headers: Self.offer)
                _ = try await connection.message()
                try await connection.sendFrame(.text, bytes: [0xff, 0xff, 0xff, 1, 2, 3], isCompressed: true)
                #expect(try await connection.message() == .close(code: code, reason: ""))
            }
        }
    }
}
