import NIOCore
import SocketIOWire
import Testing

@Suite struct SocketPacketEncoderTests {
    private func arguments(_ values: JSONValue...) -> JSONArguments { JSONArguments(values) }

    @Test("packets have the text of the protocol")
    func texts() {
        func text(_ message: OutgoingMessage) -> String { String(buffer: message.text) }
        #expect(text(SocketPacketEncoder.encodeEvent(namespace: "/", name: "a\"b", arguments: JSONArguments())) == #"2["a\"b"]"#)
        #expect(
            text(SocketPacketEncoder.encodeEvent(namespace: "/n", name: "a", arguments: arguments(1, "x"), ackID: 12))
                == #"2/n,12["a",1,"x"]"#)
        #expect(text(SocketPacketEncoder.encodeAck(namespace: "/", ackID: 0, arguments: JSONArguments())) == "30[]")
        #expect(text(SocketPacketEncoder.encodeConnect(namespace: "/")) == "0")
        #expect(text(SocketPacketEncoder.encodeConnect(namespace: "/n", payload: ByteBuffer(string: "{}"))) == "0/n,{}")
        #expect(
            text(SocketPacketEncoder.encodeConnectError(namespace: "/", message: "no", data: ["x": 1]))
                == #"4{"message":"no","data":{"x":1}}"#)
        #expect(text(SocketPacketEncoder.encodeDisconnect(namespace: "/n")) == "1/n,")
        let binary = SocketPacketEncoder.encodeEvent(namespace: "/", name: "b", arguments: arguments(.binary(ByteBuffer(string: "xyz"))))
        #expect(text(binary) == #"51-["b",{"_placeholder":true,"num":0}]"#)
        #expect(binary.attachments == [ByteBuffer(string: "xyz")])
        #expect(binary.kind == .binaryEvent)
        #expect(binary.payload.map { String(buffer: $0) } == #"["b",{"_placeholder":true,"num":0}]"#)
        #expect(binary.byteCount == binary.text.readableBytes + 3)
    }

    @Test(
        "the frame is a WebSocket frame of the text, at every length of header", arguments: [0, 1, 100, 125, 126, 60_000, 65_535, 70_000])
    func frames(length: Int) throws {
        let attachment = ByteBuffer(repeating: 7, count: length)
        let message = SocketPacketEncoder.encodeEvent(
            namespace: "/", name: "e", arguments: arguments(.string(String(repeating: "x", count: length)), .binary(attachment)))
        var decoder = WebSocketFrameDecoder(role: .client, maxMessageSize: 1_000_000)
        decoder.append(message.frame)
        for frame in message.attachmentFrames { decoder.append(frame) }
        #expect(try decoder.next() == .text(ByteBuffer(string: "4" + String(buffer: message.text))))
        #expect(try decoder.next() == .binary(attachment))
        #expect(try decoder.next() == nil)
        #expect(decoder.bufferedBytes == 0)
    }

    @Test("what is encoded decodes to the same", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 31)
        let values = (0..<3).map { _ in generator.value(binary: true) }
        let arguments = JSONArguments(values)
        let message = SocketPacketEncoder.encodeEvent(
            namespace: "/room", name: generator.string(), arguments: arguments, ackID: UInt64(seed))
        var decoder = SocketPacketDecoder(limits: SocketPacketLimits(maxAttachments: 1000))
        var packet = try decoder.decodeText(message.text)
        for attachment in message.attachments { packet = try decoder.decodeBinary(attachment) }
        #expect(packet?.arguments.values() == values)
        #expect(packet?.eventName == message.eventName)
        #expect(packet?.ackID == UInt64(seed))
        #expect(packet?.arguments.dropFirst().values() == Array(values.dropFirst()))
        #expect(packet?.arguments[2] == values[2])
    }
}
