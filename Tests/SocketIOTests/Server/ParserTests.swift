import NIOCore
import SocketIO
import SocketIOWire
import Testing

/// Rows I12 and I13 of the behaviour notes, and the time limit of trap 37.
@Suite("A parser")
struct ParserTests {
    private let parser = MessagePackParser()

    private func packet(_ kind: SocketPacket.Kind, ackID: UInt64? = nil, _ data: JSONValue? = nil) throws -> [UInt8] {
        Array(buffer: parser.encode(try SocketPacket(kind: kind, ackID: ackID, data: data))[0].bytes)
    }

    private func next(_ client: RawClient) async throws -> SocketPacket {
        guard case .binary(let bytes) = try await client.next() else { throw CancellationError() }
        var decoder = parser.makeDecoder(limits: SocketPacketLimits())
        return try #require(try decoder.decode(.binary(ByteBuffer(bytes: bytes))))
    }

    @Test("for MessagePack carries connect, events with bytes, acks and broadcasts, each in one binary message")
    func messagePack() async throws {
        let tap = RecordingTap()
        try await withServer({
            $0.parser = MessagePackParser()
            $0.tap = tap
        }) { io, port in
            io.onConnection { socket in
                socket.on("swap") { (bytes: [UInt8], number: Int) in
                    io.emit("all", number)
                    return [UInt8](bytes.reversed())
                }
            }
            let client = try await RawClient.open(port: port)
            client.send(binary: try packet(.connect))
            let connected = try await next(client)
            #expect(connected.kind == .connect)
            client.send(binary: try packet(.event, ackID: 3, ["swap", .binary(ByteBuffer(bytes: [1, 2])), 7]))
            let broadcast = try await next(client)
            #expect(broadcast.eventName == "all" && broadcast.arguments.values() == [7])
            let ack = try await next(client)
            #expect(ack.ackID == 3 && ack.arguments.values() == [.binary(ByteBuffer(bytes: [2, 1]))])
            // The tape has what the packets mean, whatever their form on the wire.
            #expect(tap.lines.contains(#"in binaryEvent#3 ["swap",{"_placeholder":true,"num":0},7]"#))
            #expect(tap.lines.contains(#"out binaryAck#3 [{"_placeholder":true,"num":0}]"#))
        }
    }

    @Test("that a client does not share closes its connection")
    func mismatch() async throws {
        try await withServer({ $0.parser = MessagePackParser() }) { _, port in
            let client = try await RawClient.open(port: port)
            client.send("40")
            #expect(try await client.next() == .closed)
        }
    }

    @Test("of one's own may write packets as it likes")
    func custom() async throws {
        try await withServer({ $0.parser = ShoutingParser() }) { io, port in
            io.onConnection { socket in socket.on("a") { (text: String) in socket.emit("b", text) } }
            let client = try await RawClient.open(port: port)
            client.send("4CONNECT /")
            _ = try await client.text()
            client.send(#"4EVENT / ["a","x"]"#)
            #expect(try await client.text() == #"4EVENT / ["b","x"]"#)
        }
    }

    @Test("attachments that do not come in time close the connection; those that do are delivered")
    func attachmentTimeout() async throws {
        try await withServer({ $0.attachmentTimeout = .milliseconds(300) }) { io, port in
            io.onConnection { socket in socket.on("a") { (bytes: [UInt8]) -> Int in bytes.count } }
            let (client, _) = try await RawClient.join(port: port)
            client.send(#"451-0["a",{"_placeholder":true,"num":0}]"#)
            client.send(binary: [1, 2, 3])
            #expect(try await client.text() == "430[3]")
            client.send(#"451-1["a",{"_placeholder":true,"num":0}]"#)
            #expect(try await client.next() == .closed)
        }
    }
}

/// `EVENT /namespace [...]`.
private struct ShoutingParser: PacketParser {
    struct Decoder: PacketDecoder {
        var isUnfinished: Bool { false }

        mutating func decode(_ message: ParserMessage) throws(SocketPacketError) -> SocketPacket? {
            guard case .text(let text) = message else { throw .unexpectedBinary }
            let parts = String(buffer: text).split(separator: " ", maxSplits: 2).map(String.init)
            let kind: SocketPacket.Kind = parts[0] == "CONNECT" ? .connect : .event
            return try SocketPacket(kind: kind, namespace: parts[1], data: parts.count > 2 ? try? JSONValue(parsing: parts[2]) : nil)
        }
    }

    func makeDecoder(limits: SocketPacketLimits) -> any PacketDecoder { Decoder() }

    func encode(_ packet: SocketPacket) -> [ParserMessage] {
        let payload = packet.payload.map { " " + String(buffer: $0) } ?? ""
        return [.text(ByteBuffer(string: "\("\(packet.kind)".uppercased()) \(packet.namespace)\(payload)"))]
    }
}
