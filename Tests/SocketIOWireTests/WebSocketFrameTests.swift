import NIOCore
import NIOEmbedded
import NIOWebSocket
import SocketIOWire
import Testing

@Suite struct WebSocketFrameTests {
    private func frame(_ opcode: SocketIOWire.WebSocketOpcode, _ payload: [UInt8], isFinal: Bool = true, mask: UInt32? = 0xA1B2_C3D4)
        -> ByteBuffer
    {
        var buffer = ByteBuffer()
        WebSocketFrameEncoder.write(opcode, payload: ByteBuffer(bytes: payload), isFinal: isFinal, mask: mask, into: &buffer)
        return buffer
    }

    private func messages(_ bytes: ByteBuffer, role: WebSocketRole = .server, limit: Int = 1_000_000, piece: Int = .max) throws
        -> [WebSocketMessage]
    {
        var decoder = WebSocketFrameDecoder(role: role, maxMessageSize: limit)
        var messages: [WebSocketMessage] = []
        var rest = bytes
        while rest.readableBytes > 0, let part = rest.readSlice(length: min(piece, rest.readableBytes)) {
            decoder.append(part)
            while let message = try decoder.next() { messages.append(message) }
        }
        #expect(decoder.bufferedBytes == 0)
        return messages
    }

    @Test("a stream means the same in whatever pieces it arrives", arguments: [1, 2, 3, 7, 64, 1000, .max])
    func pieces(piece: Int) throws {
        var stream = ByteBuffer()
        var expected: [WebSocketMessage] = []
        var generator = SeededGenerator(seed: 5)
        for length in [0, 1, 5, 125, 126, 127, 1000, 65_535, 65_536, 3] {
            let text = (0..<length).map { UInt8(32 + $0 % 90) }
            stream.writeImmutableBuffer(frame(.text, text, mask: UInt32.random(in: 0 ... .max, using: &generator)))
            expected.append(.text(ByteBuffer(bytes: text)))
            stream.writeImmutableBuffer(frame(.binary, Array(text.prefix(7)), isFinal: false))
            stream.writeImmutableBuffer(frame(.ping, [1, 2]))
            expected.append(.ping(ByteBuffer(bytes: [1, 2])))
            stream.writeImmutableBuffer(frame(.continuation, [], isFinal: false))
            stream.writeImmutableBuffer(frame(.continuation, Array(text.dropFirst(7))))
            expected.append(.binary(ByteBuffer(bytes: text)))
        }
        WebSocketFrameEncoder.writeClose(code: 1000, reason: "bye", mask: 1, into: &stream)
        expected.append(.close(code: 1000, reason: "bye"))
        stream.writeString("what comes after a close is ignored")
        #expect(try messages(stream, piece: piece) == expected)
    }

    @Test("messages handed out stay as they are when more arrives")
    func slicesAreStable() throws {
        var decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: 1000)
        var burst = ByteBuffer()
        for index in 0..<10 { burst.writeImmutableBuffer(frame(.text, Array("message \(index)".utf8))) }
        var kept: [WebSocketMessage] = []
        for _ in 0..<20 {
            var rest = burst
            while let part = rest.readSlice(length: min(13, rest.readableBytes)), part.readableBytes > 0 {
                decoder.append(part)
                while let message = try decoder.next() { kept.append(message) }
            }
        }
        #expect(kept == (0..<200).map { .text(ByteBuffer(string: "message \($0 % 10)")) })
    }

    @Test("appending twice before reading loses nothing")
    func lateReading() throws {
        var decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: 1000)
        decoder.append(frame(.text, [65]))
        decoder.append(frame(.text, [66]))
        let first = try decoder.next()
        decoder.append(frame(.text, [67]))
        #expect(
            [first, try decoder.next(), try decoder.next(), try decoder.next()] == [
                .text(ByteBuffer(string: "A")), .text(ByteBuffer(string: "B")), .text(ByteBuffer(string: "C")), nil,
            ])
    }

    @Test(
        "what breaks the protocol is refused with the right code",
        arguments: [
            ([0xC1, 0x80, 0, 0, 0, 0], .reservedBits, 1002), ([0x83, 0x80, 0, 0, 0, 0], .unknownOpcode(3), 1002),
            ([0x81, 0x00], .unmaskedFrame, 1002),
            ([0x09, 0x80, 0, 0, 0, 0], .invalidControlFrame, 1002), ([0x89, 0xFE, 0, 126], .invalidControlFrame, 1002),
            ([0x80, 0x80, 0, 0, 0, 0], .unexpectedContinuation, 1002),
            ([0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], .unfinishedMessage, 1002),
            ([0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .invalidLength, 1002),
            ([0x88, 0x81, 0, 0, 0, 0, 3], .invalidClosePayload, 1002),
            ([0x88, 0x82, 0, 0, 0, 0, 3, 0xED], .invalidClosePayload, 1002), ([0x81, 0x81, 0, 0, 0, 0, 0xFF], .invalidUTF8, 1007),
            ([0x88, 0x83, 0, 0, 0, 0, 3, 0xE8, 0xFF], .invalidUTF8, 1007),
            ([0x82, 0xFE, 0x03, 0xE9], .messageTooLarge(bytes: 1001, limit: 1000), 1009),
            ([0x02, 0x81, 0, 0, 0, 0, 1, 0x80, 0xFE, 0x03, 0xE8], .messageTooLarge(bytes: 1001, limit: 1000), 1009),
        ] as [([UInt8], WebSocketError, UInt16)])
    func refuses(bytes: [UInt8], expected: WebSocketError, code: UInt16) throws {
        var decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: 1000)
        decoder.append(frame(.text, [65]))
        decoder.append(ByteBuffer(bytes: bytes))
        #expect(try decoder.next() == .text(ByteBuffer(string: "A")), "what came before is still handed out")
        let error = #expect(throws: WebSocketError.self) { while try decoder.next() != nil {} }
        #expect(error == expected)
        #expect(error?.closeCode == code)
        decoder.append(frame(.text, [66]))
        #expect(try decoder.next() == nil)
        #expect(decoder.bufferedBytes == 0)
    }

    @Test("a client refuses masked frames")
    func client() {
        #expect(throws: WebSocketError.maskedFrame) { try messages(frame(.text, [65]), role: .client) }
    }

    @Test("NIOWebSocket writes what we read, and reads what we write", arguments: 0..<40)
    func oracle(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 13)
        let length = [0, 5, 125, 126, 300, 65_535, 65_536].randomElement(using: &generator)!
        let payload = ByteBuffer(bytes: (0..<length).map { _ in UInt8.random(in: 0...127, using: &generator) })
        let mask = UInt32.random(in: 0 ... .max, using: &generator)
        let key = WebSocketMaskingKey([UInt8(mask >> 24), UInt8(mask >> 16 & 255), UInt8(mask >> 8 & 255), UInt8(mask & 255)])!

        let theirs = EmbeddedChannel(handler: NIOWebSocket.WebSocketFrameEncoder())
        try theirs.writeOutbound(WebSocketFrame(fin: true, opcode: .text, maskKey: key, data: payload))
        var written = ByteBuffer()
        while let part = try theirs.readOutbound(as: ByteBuffer.self) { written.writeImmutableBuffer(part) }
        var ours = ByteBuffer()
        SocketIOWire.WebSocketFrameEncoder.write(.text, payload: payload, mask: mask, into: &ours)
        #expect(ours == written)
        #expect(try messages(written) == [.text(payload)])

        let reader = EmbeddedChannel(handler: ByteToMessageHandler(NIOWebSocket.WebSocketFrameDecoder(maxFrameSize: 1_000_000)))
        try reader.writeInbound(ours)
        let read = try #require(try reader.readInbound(as: WebSocketFrame.self))
        #expect(read.unmaskedData == payload)
    }

    @Test("damaged frames never crash, and mean the same in pieces", arguments: 0..<200)
    func fuzz(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed) &* 97)
        var stream: [UInt8] = []
        for _ in 0..<5 {
            let opcode: SocketIOWire.WebSocketOpcode = [.text, .binary, .ping, .continuation].randomElement(using: &generator)!
            let bytes = frame(opcode, Array(generator.string().utf8), isFinal: .random(using: &generator))
            stream += Array(bytes.readableBytesView)
        }
        let damaged = generator.mutate(stream)
        func run(piece: Int) -> (messages: [WebSocketMessage], error: WebSocketError?) {
            var decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: 1000)
            var messages: [WebSocketMessage] = []
            var rest = ByteBuffer(bytes: damaged)
            while rest.readableBytes > 0, let part = rest.readSlice(length: min(piece, rest.readableBytes)) {
                decoder.append(part)
                do {
                    while let message = try decoder.next() { messages.append(message) }
                } catch {
                    return (messages, error)
                }
            }
            return (messages, nil)
        }
        let whole = run(piece: .max)
        let pieces = run(piece: 1)
        #expect(whole.messages == pieces.messages)
        #expect(whole.error == pieces.error)
    }

    @Test("the accept key is that of RFC 6455")
    func accept() {
        #expect(WebSocketAccept.key(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(WebSocketAccept.key(for: String(repeating: "x", count: 100)).utf8.count == 28)
    }

    @Test("UTF-8 is what the standard library says it is", arguments: 0..<100)
    func utf8(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let fixed: [[UInt8]] = [
            [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x80],
            [0xF8],
        ]
        for bytes in fixed + (0..<50).map({ _ in generator.mutate(Array((generator.string() + generator.string()).utf8)) }) {
            #expect(UTF8Validation.isValid(ByteBuffer(bytes: bytes)) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }
}
