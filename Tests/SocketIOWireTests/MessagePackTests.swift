import NIOCore
import Testing

@testable import SocketIOWire

/// Row I13 of the behaviour notes.
@Suite("MessagePack")
struct MessagePackTests {
    private func written(_ value: JSONValue) -> [UInt8] {
        var buffer = ByteBuffer()
        MessagePackWriter.write(value, into: &buffer)
        return Array(buffer.readableBytesView)
    }

    private func read(_ bytes: [UInt8]) throws -> JSONValue {
        try MessagePackReader.value(of: ByteBuffer(bytes: bytes), maxDepth: 16)
    }

    static let examples: [(JSONValue, [UInt8])] = [
        (nil, [0xc0]), (false, [0xc2]), (true, [0xc3]), (0, [0]), (127, [0x7f]), (128, [0xcc, 128]), (256, [0xcd, 1, 0]),
        (65536, [0xce, 0, 1, 0, 0]), (4_294_967_296, [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]), (-1, [0xff]), (-32, [0xe0]), (-33, [0xd0, 0xdf]),
        (-129, [0xd1, 0xff, 0x7f]), (-32769, [0xd2, 0xff, 0xff, 0x7f, 0xff]), (1.5, [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]),
        ("a", [0xa1, 0x61]),
        ([1, "x"], [0x92, 1, 0xa1, 0x78]), (["k": nil], [0x81, 0xa1, 0x6b, 0xc0]), (.binary(ByteBuffer(bytes: [7, 8])), [0xc4, 2, 7, 8]),
    ]

    @Test("has the shortest form of each value, and reads it back", arguments: examples)
    func forms(value: JSONValue, bytes: [UInt8]) throws {
        #expect(written(value) == bytes)
        #expect(try read(bytes) == value)
    }

    @Test("keeps long strings, arrays, maps and bytes", arguments: [31, 32, 255, 256, 65535, 65536])
    func lengths(count: Int) throws {
        let object = JSONObject((0..<min(count, 2000)).map { (key: "\($0)", value: JSONValue.integer(Int64($0))) })
        for value in [
            .string(String(repeating: "ä", count: count)), .array(Array(repeating: 1, count: count)), .object(object),
            .binary(ByteBuffer(repeating: 9, count: count)),
        ] as [JSONValue] { #expect(try read(written(value)) == value) }
    }

    @Test("reads what other packers write: floats, dates, undefined, long forms of short values")
    func foreign() throws {
        #expect(try read([0xca, 0x3f, 0xc0, 0, 0]) == 1.5)
        #expect(try read([0xd4, 0, 0]) == nil)
        #expect(try read([0xd6, 0xff, 0, 0, 0, 1]) == "1970-01-01T00:00:01.000Z")
        #expect(try read([0xd7, 0, 0, 0, 0, 0, 0, 0, 3, 0xe8]) == "1970-01-01T00:00:01.000Z")
        #expect(try read([0xd9, 1, 0x61]) == "a")
        #expect(try read([0xdd, 0, 0, 0, 1, 0xc3]) == [true])
    }

    @Test(
        "is refused when it is cut, too deep, or promises more than it has",
        arguments: [
            [], [0xa2, 0x61], [0xc1], [0xdd, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff],
            [1, 1], [0x81, 1, 1], [0xa1, 0xff], Array(repeating: 0x91, count: 100) + [0xc0],
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) {
        #expect(throws: MessagePackError.self) { try read(bytes) }
    }

    @Test("carries packets both ways, with bytes in their place")
    func packets() throws {
        let parser = MessagePackParser()
        var decoder = parser.makeDecoder(limits: SocketPacketLimits())
        let data: JSONValue = [
            "news", ["pictures": [.binary(ByteBuffer(bytes: [1])), .binary(ByteBuffer(bytes: [2]))]], 9_007_199_254_740_993,
        ]
        let packet = try SocketPacket(kind: .event, namespace: "/chat", ackID: 7, data: data)
        #expect(packet.kind == .binaryEvent)
        let messages = parser.encode(packet)
        #expect(messages.count == 1)
        let back = try #require(try decoder.decode(messages[0]))
        #expect(back.kind == .binaryEvent && back.namespace == "/chat" && back.ackID == 7 && back.eventName == "news")
        #expect(try JSONValue(parsing: #require(back.payload), attachments: back.attachments) == data)
        guard case .object(let map) = try MessagePackReader.value(of: messages[0].bytes, maxDepth: 16) else { throw CancellationError() }
        #expect(map["type"] == 2)
    }

    @Test(
        "is no packet when the map is not one",
        arguments: [
            ["nsp": "/"], ["type": 9, "nsp": "/"], ["type": 2, "nsp": "/", "data": 3], ["type": 2, "nsp": "/", "data": []],
            ["type": 2, "nsp": "/", "data": ["connect"]], ["type": 0, "nsp": "/", "data": "x"], ["type": 3, "nsp": "/", "data": []],
            ["type": 2, "nsp": "/a,b", "data": ["x"]], ["type": 1, "nsp": "/", "data": []], [1],
        ] as [JSONValue])
    func noPacket(value: JSONValue) {
        var decoder = MessagePackParser().makeDecoder(limits: SocketPacketLimits())
        #expect(throws: SocketPacketError.self) { try decoder.decode(.binary(ByteBuffer(bytes: written(value)))) }
    }

    @Test("refuses text: the other end uses another parser")
    func text() {
        var decoder = MessagePackParser().makeDecoder(limits: SocketPacketLimits())
        #expect(throws: SocketPacketError.unexpectedText) { try decoder.decode(.text(ByteBuffer(string: "0"))) }
    }

    @Test("as an outgoing message is one binary frame, and shows the tap the JSON")
    func outgoing() throws {
        let arguments = JSONArguments([.binary(ByteBuffer(bytes: [5]))])
        let message = SocketPacketEncoder.encodeEvent(namespace: "/", name: "b", arguments: arguments).written(by: MessagePackParser())
        #expect(!message.isText && message.attachments.isEmpty && message.packets.count == 1)
        #expect(message.payload.map { String(buffer: $0) } == #"["b",{"_placeholder":true,"num":0}]"#)
        #expect(message.packetAttachments == [ByteBuffer(bytes: [5])])
        var frames = WebSocketFrameDecoder(role: .client, maxMessageSize: 1000)
        frames.append(message.frame)
        #expect(try frames.next() == .binary(message.text))
    }
}
