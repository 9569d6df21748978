package import NIOCore

/// Makes Socket.IO packets from the messages of one connection, in their order.
///
/// Stricter than Node where Node is loose by accident (traps 31 to 37 of the behaviour notes). After an error the connection cannot go on.
package struct SocketPacketDecoder: Sendable {
    private let limits: SocketPacketLimits
    /// a binary packet whose attachments are not all there
    private var unfinished: SocketPacket?
    private var missingAttachments = 0

    package init(limits: SocketPacketLimits = SocketPacketLimits()) {
        self.limits = limits
    }

    /// True between a binary packet's text and its last attachment.
    package var isAwaitingAttachments: Bool { unfinished != nil }

    /// A text message, without the `4` of Engine.IO. `nil` if attachments must come first.
    package mutating func decodeText(_ text: ByteBuffer) throws(SocketPacketError) -> SocketPacket? {
        if unfinished != nil {
            unfinished = nil
            throw .textWhileAwaitingAttachments(missing: missingAttachments)
        }
        let header = try text.withUnsafeReadableBytes { bytes throws(SocketPacketError) -> SocketPacketHeader in
            try SocketPacketHeader(reading: bytes, limits: limits)
        }
        var payload: ByteBuffer?
        if header.payloadStart < text.readableBytes {
            payload = text
            payload?.moveReaderIndex(forwardBy: header.payloadStart)
        }
        let packet = SocketPacket(
            kind: header.kind, namespace: header.namespace, ackID: header.ackID, payload: payload, eventName: header.eventName,
            argumentRange: header.argumentRange)
        guard header.attachmentCount > 0 else { return packet }
        unfinished = packet
        missingAttachments = header.attachmentCount
        return nil
    }

    /// A binary message. Returns the packet when it was the last of its attachments.
    package mutating func decodeBinary(_ bytes: ByteBuffer) throws(SocketPacketError) -> SocketPacket? {
        guard unfinished != nil else { throw .unexpectedBinary }
        unfinished?.attachments.append(bytes)
        missingAttachments -= 1
        guard missingAttachments == 0 else { return nil }
        defer { unfinished = nil }
        return unfinished
    }
}
