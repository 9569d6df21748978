import NIOCore
import SocketIOWire
import Testing

@Suite struct SocketPacketDecoderTests {
    private func decode(_ text: String, limits: SocketPacketLimits = SocketPacketLimits()) throws -> SocketPacket? {
        var decoder = SocketPacketDecoder(limits: limits)
        return try decoder.decodeText(ByteBuffer(string: text))
    }

    @Test(
        "packets are taken apart",
        arguments: [
            ("0", .connect, "/", nil, nil, nil, "[]"), ("0{\"token\":\"x\"}", .connect, "/", nil, nil, "{\"token\":\"x\"}", "[]"),
            ("0/chat", .connect, "/chat", nil, nil, nil, "[]"), ("0/chat,", .connect, "/chat", nil, nil, nil, "[]"),
            ("0/chat?a=1,{}", .connect, "/chat?a=1", nil, nil, "{}", "[]"), ("1", .disconnect, "/", nil, nil, nil, "[]"),
            ("1/chat,", .disconnect, "/chat", nil, nil, nil, "[]"), ("2[\"a\"]", .event, "/", nil, "a", "[\"a\"]", "[]"),
            ("2[\"a\",1,[2]]", .event, "/", nil, "a", "[\"a\",1,[2]]", "[1,[2]]"), ("2/n,0[\"a\"]", .event, "/n", 0, "a", "[\"a\"]", "[]"),
            ("29007199254740992[\"a\"]", .event, "/", 9_007_199_254_740_992, "a", "[\"a\"]", "[]"),
            ("2[1,\"x\"]", .event, "/", nil, "1", "[1,\"x\"]", "[\"x\"]"),
            ("2[\"\\u0061b\" , 1 ] ", .event, "/", nil, "ab", "[\"\\u0061b\" , 1 ] ", "[ 1]"),
            ("30[]", .ack, "/", 0, nil, "[]", "[]"), ("3/n,12[\"a\",{}]", .ack, "/n", 12, nil, "[\"a\",{}]", "[\"a\",{}]"),
            ("4{\"message\":\"no\"}", .connectError, "/", nil, nil, "{\"message\":\"no\"}", "[]"),
            ("4\"no\"", .connectError, "/", nil, nil, "\"no\"", "[]"),
            ("50-[\"x\",1]", .binaryEvent, "/", nil, "x", "[\"x\",1]", "[1]"), ("60-3[1]", .binaryAck, "/", 3, nil, "[1]", "[1]"),
            (
                "2[\"e\",{\"_placeholder\":true,\"num\":5}]", .event, "/", nil, "e", "[\"e\",{\"_placeholder\":true,\"num\":5}]",
                "[{\"_placeholder\":true,\"num\":5}]"
            ),
        ] as [(String, SocketPacket.Kind, String, UInt64?, String?, String?, String)])
    func accepts(
        text: String, kind: SocketPacket.Kind, namespace: String, ackID: UInt64?, name: String?, payload: String?, arguments: String
    ) throws {
        let packet = try #require(try decode(text))
        #expect(packet.kind == kind)
        #expect(packet.namespace == namespace)
        #expect(packet.ackID == ackID)
        #expect(packet.eventName == name)
        #expect(packet.payload.map { String(buffer: $0) } == payload)
        #expect(packet.arguments.description == arguments)
    }

    @Test(
        "what no client should send is refused, and why",
        arguments: [
            ("", .empty), (" ", .unknownType(0x20)), ("7", .unknownType(0x37)), ("x", .unknownType(0x78)),
            ("0 ", .invalidPayload(.connect, expected: "an object")),
            ("0[1]", .invalidPayload(.connect, expected: "an object")), ("0\"s\"", .invalidPayload(.connect, expected: "an object")),
            ("0null", .invalidPayload(.connect, expected: "an object")), ("01", .unexpectedAckID(.connect)),
            ("1{}", .unexpectedPayload(.disconnect)),
            ("15", .unexpectedAckID(.disconnect)), ("2", .missingPayload(.event)), ("2/n,", .missingPayload(.event)),
            ("2{}", .invalidPayload(.event, expected: "an array")),
            ("2 [\"a\"]", .invalidPayload(.event, expected: "an array")), ("21 [\"a\"]", .invalidPayload(.event, expected: "an array")),
            ("2[]", .invalidPayload(.event, expected: "an event name")),
            ("2[null]", .invalidPayload(.event, expected: "a string or a number as event name")),
            ("2[{}]", .invalidPayload(.event, expected: "a string or a number as event name")),
            ("2[\"connect\"]", .reservedEventName("connect")),
            ("2[\"connect_error\"]", .reservedEventName("connect_error")), ("2[\"disconnect\",1]", .reservedEventName("disconnect")),
            ("2[\"disconnecting\"]", .reservedEventName("disconnecting")), ("2[\"newListener\"]", .reservedEventName("newListener")),
            ("2[\"removeListener\"]", .reservedEventName("removeListener")), ("2[\"\\u0063onnect\"]", .reservedEventName("connect")),
            ("29007199254740993[\"a\"]", .ackIDTooLarge), ("299999999999999999999999[\"a\"]", .ackIDTooLarge), ("3[]", .missingAckID),
            ("31", .missingPayload(.ack)),
            ("31{}", .invalidPayload(.ack, expected: "an array")), ("5[\"a\"]", .invalidAttachmentCount),
            ("5-[\"a\"]", .invalidAttachmentCount),
            ("5x-[\"a\"]", .invalidAttachmentCount), ("51[\"a\"]", .invalidAttachmentCount),
            ("511-[\"a\"]", .tooManyAttachments(count: 11, limit: 10)),
            ("5999999999999999999999-[\"a\"]", .invalidAttachmentCount),
            ("51-[\"a\",{\"_placeholder\":true,\"num\":1}]", .illegalAttachments),
            ("50-[\"a\",{\"_placeholder\":true,\"num\":0}]", .illegalAttachments),
            ("51-[\"a\",{\"_placeholder\":true,\"num\":\"splice\"}]", .illegalAttachments),
            ("2[\"a\"", .invalidJSON(JSONError(.unexpectedEnd, at: 4))),
            ("2[\"a\",]", .invalidJSON(JSONError(.unexpectedByte(0x5D), at: 5))),
            ("2[\"a\"]x", .invalidJSON(JSONError(.trailingBytes, at: 5))),
            ("2/n,1[\"a\",nul]", .invalidJSON(JSONError(.unexpectedByte(0x5D), at: 8))),
        ] as [(String, SocketPacketError)])
    func refuses(text: String, expected: SocketPacketError) {
        let error = #expect(throws: SocketPacketError.self) { try decode(text) }
        #expect(error == expected)
        #expect(error?.description.isEmpty == false)
    }

    @Test("limits of depth and namespace hold")
    func limits() throws {
        let limits = SocketPacketLimits(maxDepth: 3, maxNamespaceLength: 4)
        #expect(try decode("2[\"a\",[[]]]", limits: limits) != nil)
        #expect(throws: SocketPacketError.invalidJSON(JSONError(.tooDeep(limit: 3), at: 7))) {
            try decode("2[\"a\",[[[]]]]", limits: limits)
        }
        #expect(try decode("0/abc,", limits: limits) != nil)
        #expect(throws: SocketPacketError.namespaceTooLong(bytes: 5, limit: 4)) { try decode("0/abcd,", limits: limits) }
    }

    @Test("a binary packet comes with its last attachment")
    func attachments() throws {
        var decoder = SocketPacketDecoder()
        #expect(
            try decoder.decodeText(ByteBuffer(string: "52-/n,7[\"e\",{\"_placeholder\":true,\"num\":1},{\"_placeholder\":true,\"num\":0}]"))
                == nil)
        #expect(decoder.isAwaitingAttachments)
        #expect(try decoder.decodeBinary(ByteBuffer(string: "one")) == nil)
        let packet = try #require(try decoder.decodeBinary(ByteBuffer(string: "two")))
        #expect(!decoder.isAwaitingAttachments)
        #expect(packet.arguments.values() == [.binary(ByteBuffer(string: "two")), .binary(ByteBuffer(string: "one"))])
        #expect(packet.ackID == 7)
    }

    @Test("attachments are contiguous, and belong to something")
    func order() throws {
        var decoder = SocketPacketDecoder()
        #expect(throws: SocketPacketError.unexpectedBinary) { try decoder.decodeBinary(ByteBuffer()) }
        _ = try decoder.decodeText(ByteBuffer(string: "51-[\"e\",{\"_placeholder\":true,\"num\":0}]"))
        #expect(throws: SocketPacketError.textWhileAwaitingAttachments(missing: 1)) {
            try decoder.decodeText(ByteBuffer(string: "2[\"a\"]"))
        }
    }

    @Test("zero attachments leave nothing behind")
    func zeroAttachments() throws {
        var decoder = SocketPacketDecoder()
        #expect(try decoder.decodeText(ByteBuffer(string: "50-[\"x\"]"))?.eventName == "x")
        #expect(try decoder.decodeText(ByteBuffer(string: "2[\"y\"]"))?.eventName == "y")
    }

    @Test("damaged packets never crash, and what passes is sound", arguments: 0..<100)
    func fuzz(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &* 104_729)
        for _ in 0..<50 {
            var writer = ArgumentWriter()
            for _ in 0..<Int.random(in: 0...3, using: &generator) { try writer.append(generator.value()) }
            let message = SocketPacketEncoder.encodeEvent(namespace: "/n", name: generator.string(), arguments: writer.arguments, ackID: 3)
            let text = generator.mutate(Array(message.text.readableBytesView))
            var decoder = SocketPacketDecoder()
            guard let packet = try? decoder.decodeText(ByteBuffer(bytes: text)) else { continue }
            let values = packet.arguments.values()
            #expect(values.count == packet.arguments.count)
            if packet.kind.isEvent, UTF8Validation.isValid(ByteBuffer(bytes: text)), let payload = packet.payload {
                let whole = try JSONValue(parsing: payload)
                #expect(whole.arrayValue?.dropFirst().map { $0 } == values)
            }
        }
    }
}
