package import NIOCore

/// How Engine.IO 3 puts packets into frames (rows H2 to H5 of the behaviour notes): text begins with the type's digit, bytes with the type itself,
/// base64 with `b` and the digit.
package enum Revision3 {
    static func packet(text: ByteBuffer) throws(EnginePacketError) -> EnginePacket {
        var rest = text
        guard rest.getInteger(at: rest.readerIndex, as: UInt8.self) == UInt8(ascii: "b") else { return try EnginePacket(text: text) }
        rest.moveReaderIndex(forwardBy: 1)
        guard let digit: UInt8 = rest.readInteger() else { throw .empty }
        // Nothing but messages carries bytes.
        guard EnginePacketType(digit: digit) == .message else { throw .unknownType(digit) }
        guard let bytes = Base64.decode(rest) else { throw .invalidBase64 }
        return EnginePacket(binary: bytes)
    }

    static func packet(binary: ByteBuffer) throws(EnginePacketError) -> EnginePacket {
        var rest = binary
        guard let first: UInt8 = rest.readInteger() else { throw .empty }
        guard EnginePacketType(rawValue: first) == .message else { throw .unknownType(first) }
        return EnginePacket(binary: rest)
    }

    /// Appends the packet as text: binary as `b`, digit and base64.
    package static func writeText(_ packet: EnginePacket, into buffer: inout ByteBuffer) {
        guard packet.isBinary else { return packet.writeText(into: &buffer) }
        buffer.writeInteger(UInt8(ascii: "b"))
        buffer.writeInteger(packet.type.digit)
        Base64.encode(packet.payload, into: &buffer)
    }

    /// A message's bytes with their type before them, as they stand in a binary frame.
    package static func binary(_ packet: EnginePacket) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(packet.payload.readableBytes + 1)
        buffer.writeInteger(packet.type.rawValue)
        buffer.writeImmutableBuffer(packet.payload)
        return buffer
    }
}
