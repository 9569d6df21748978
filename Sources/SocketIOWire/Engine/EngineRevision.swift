package import NIOCore

/// The revision of the Engine.IO protocol that a client speaks: 4 since Socket.IO 3, 3 before.
package enum EngineRevision: Int, Sendable, Hashable {
    case three = 3
    case four = 4

    /// Reads a text frame of a WebSocket.
    package func packet(text: ByteBuffer) throws(EnginePacketError) -> EnginePacket {
        switch self {
        case .three: try Revision3.packet(text: text)
        case .four: try EnginePacket(text: text)
        }
    }

    /// Reads a binary frame of a WebSocket: revision 3 has the type before the bytes.
    package func packet(binary: ByteBuffer) throws(EnginePacketError) -> EnginePacket {
        switch self {
        case .three: try Revision3.packet(binary: binary)
        case .four: EnginePacket(binary: binary)
        }
    }

    /// The packets as a polling body: bytes as bytes where the revision can.
    package func body(of packets: [EnginePacket]) -> (bytes: ByteBuffer, isBinary: Bool) {
        switch self {
        case .four: (EnginePayload.encode(packets), false)
        case .three where packets.contains(where: \.isBinary): (Revision3.encodeBinary(packets), true)
        case .three: (Revision3.encodeText(packets), false)
        }
    }

    /// The packets of a polling body; those before a bad one are returned too.
    ///
    /// - Parameter isBinary: whether it came as `application/octet-stream`, which only revision 3 knows.
    package func packets(of body: ByteBuffer, isBinary: Bool) -> (packets: [EnginePacket], error: EnginePacketError?) {
        switch self {
        case .three: isBinary ? Revision3.decodeBinary(body) : Revision3.decodeText(body)
        case .four: EnginePayload.decode(body)
        }
    }
}
