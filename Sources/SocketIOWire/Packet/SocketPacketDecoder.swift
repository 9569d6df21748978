package import NIOCore

/// Makes Socket.IO packets from the messages of one connection, in their order.
package struct SocketPacketDecoder: Sendable {
    private let limits: SocketPacketLimits

    package init(limits: SocketPacketLimits = SocketPacketLimits()) {
        self.limits = limits
    }

    /// True between a binary packet's text and its last attachment.
    package var isAwaitingAttachments: Bool { false }

    /// A text message, without the `4` of Engine.IO. `nil` if attachments must come first.
    package mutating func decodeText(_ text: ByteBuffer) throws(SocketPacketError) -> SocketPacket? { throw .empty }

    /// A binary message. Returns the packet when it was the last of its attachments.
    package mutating func decodeBinary(_ bytes: ByteBuffer) throws(SocketPacketError) -> SocketPacket? { throw .unexpectedBinary }
}
