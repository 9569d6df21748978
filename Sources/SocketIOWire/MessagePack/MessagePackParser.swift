import NIOCore

/// The MessagePack form of Socket.IO packets (row I13 of the behaviour notes): each packet is one binary message, the map
/// `{type, nsp, data, id}`, with bytes where they stand instead of attachments.
///
/// Clients must use the same: `socket.io.msgpack.min.js`, or python-socketio with `serializer='msgpack'`.
public struct MessagePackParser: PacketParser {
    public init() {}

    public func makeDecoder(limits: SocketPacketLimits) -> any PacketDecoder { MessagePackDecoder(limits: limits) }

    public func encode(_ packet: SocketPacket) -> [ParserMessage] {
        // Its kind of binary packets is told by the bytes in it.
        let type = packet.kind.isBinary ? packet.kind.rawValue - 3 : packet.kind.rawValue
        var map: JSONObject = ["type": .integer(Int64(type)), "nsp": .string(packet.namespace)]
        if let payload = packet.payload {
            // What is encoded here was written by our own encoder, or validated when it was made.
            map["data"] = (try? JSONValue(parsing: payload, attachments: packet.attachments)) ?? .null
        }
        if let id = packet.ackID { map["id"] = .integer(Int64(clamping: id)) }
        var buffer = ByteBuffer()
        MessagePackWriter.write(.object(map), into: &buffer)
        return [.binary(buffer)]
    }
}

/// Turns the map into the packet's text and hands that to the decoder of texts, so that there is one place that knows what a packet may be.
private struct MessagePackDecoder: PacketDecoder {
    let limits: SocketPacketLimits

    var isUnfinished: Bool { false }

    mutating func decode(_ message: ParserMessage) throws(SocketPacketError) -> SocketPacket? {
        guard case .binary(let bytes) = message else { throw .unexpectedText }
        do throws(MessagePackError) {
            guard case .object(let map) = try MessagePackReader.value(of: bytes, maxDepth: limits.maxDepth) else {
                throw .noPacket("a map is expected")
            }
            return try packet(of: map)
        } catch {
            throw .invalidMessagePack(error)
        }
    }

    private func packet(of map: JSONObject) throws(MessagePackError) -> SocketPacket {
        guard let type = map["type"]?.integerValue, (0...4).contains(type), let kind = SocketPacket.Kind(rawValue: UInt8(type)) else {
            throw .noPacket("type is a number from 0 to 4")
        }
        guard let namespace = map["nsp"]?.stringValue, namespace.hasPrefix("/") else {
            throw .noPacket("nsp is a string that begins with /")
        }
        var id: UInt64?
        if let value = map["id"], !value.isNull {
            guard let number = value.integerValue, number >= 0 else { throw .noPacket("id is a number") }
            id = UInt64(number)
        }
        let data = map["data"].flatMap { $0.isNull ? nil : $0 }
        do {
            return try SocketPacket(kind: kind, namespace: namespace, ackID: id, data: data, limits: limits)
        } catch {
            throw .noPacket("\(error)")
        }
    }
}
