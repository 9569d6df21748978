public import NIOCore

/// How Socket.IO packets are put into the messages of a connection. Both ends must use the same.
///
/// The default, JSON with attachments beside it, needs none of this; ``MessagePackParser`` is one, and an app may bring its own.
public protocol PacketParser: Sendable {
    /// A decoder for one connection.
    func makeDecoder(limits: SocketPacketLimits) -> any PacketDecoder

    /// The messages that carry a packet: the first is text or binary, those behind it are binary. At least one.
    func encode(_ packet: SocketPacket) -> [ParserMessage]
}

/// Puts packets together from the messages of one connection, in their order. Used on the connection's event loop.
public protocol PacketDecoder: Sendable {
    /// - Returns: a packet that is complete now.
    /// - Throws: the connection is closed after it.
    mutating func decode(_ message: ParserMessage) throws(SocketPacketError) -> SocketPacket?

    /// Whether more messages must come before a packet that has begun is complete.
    var isUnfinished: Bool { get }
}

/// One message of a connection, without what Engine.IO puts around it.
public enum ParserMessage: Sendable, Hashable {
    /// Valid UTF-8.
    case text(ByteBuffer)
    case binary(ByteBuffer)

    package var bytes: ByteBuffer {
        switch self {
        case .text(let bytes), .binary(let bytes): bytes
        }
    }
}

/// The decoder of the default form.
extension SocketPacketDecoder: PacketDecoder {
    package var isUnfinished: Bool { isAwaitingAttachments }

    package mutating func decode(_ message: ParserMessage) throws(SocketPacketError) -> SocketPacket? {
        switch message {
        case .text(let text): try decodeText(text)
        case .binary(let bytes): try decodeBinary(bytes)
        }
    }
}
