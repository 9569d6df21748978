import Foundation
import NIOCore
import SocketIOWire
import Testing

@Suite struct EnginePayloadTests {
    @Test("a body is split at every separator")
    func decodes() {
        let (packets, error) = EnginePayload.decode(ByteBuffer(string: "4hello\u{1E}2\u{1E}bAQID\u{1E}4€"))
        #expect(error == nil)
        #expect(
            packets == [
                EnginePacket(.message, ByteBuffer(string: "hello")), EnginePacket(.ping),
                EnginePacket(binary: ByteBuffer(bytes: [1, 2, 3])),
                EnginePacket(.message, ByteBuffer(string: "€")),
            ])
        #expect(String(buffer: EnginePayload.encode(packets)) == "4hello\u{1E}2\u{1E}bAQID\u{1E}4€")
    }

    @Test(
        "packets before a bad one are kept",
        arguments: [
            ("4a\u{1E}zzz", .unknownType(0x7A)), ("4a\u{1E}", .empty), ("4a\u{1E}\u{1E}4b", .empty), ("4a\u{1E}b***", .invalidBase64),
            ("4a\u{1E}7", .unknownType(0x37)),
            ("4a\u{1E}bA", .invalidBase64),
        ] as [(String, EnginePacketError)])
    func stopsAtBadPacket(body: String, expected: EnginePacketError) {
        let (packets, error) = EnginePayload.decode(ByteBuffer(string: body))
        #expect(packets == [EnginePacket(.message, ByteBuffer(string: "a"))])
        #expect(error == expected)
    }

    @Test("an empty body and bytes that are no text are bad")
    func bad() {
        #expect(EnginePayload.decode(ByteBuffer()).error == .empty)
        #expect(EnginePayload.decode(ByteBuffer(bytes: [0x34, 0xFF])).error == .invalidUTF8)
    }

    @Test("base64 is what Foundation makes of it", arguments: 0..<70)
    func base64(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let text = Base64.encode(bytes)
        #expect(text == Data(bytes).base64EncodedString())
        #expect(Base64.decode(ByteBuffer(string: text)) == ByteBuffer(bytes: bytes))
        #expect(Base64.decode(ByteBuffer(string: text.replacing("=", with: ""))) == ByteBuffer(bytes: bytes))
    }
}
