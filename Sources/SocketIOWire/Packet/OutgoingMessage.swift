package import NIOCore

/// One Socket.IO packet, ready for any transport and any number of receivers: encoded once, shared by reference.
package struct OutgoingMessage: Sendable {
    private final class Storage: Sendable {
        let kind: SocketPacket.Kind
        let namespace: String
        let eventName: String?
        let ackID: UInt64?
        let frame: ByteBuffer
        /// bytes of ``frame`` before the Engine.IO type
        let headerLength: Int
        /// bytes of ``frame`` before the JSON, if there is any
        let payloadOffset: Int?
        let attachments: [ByteBuffer]
        let attachmentFrames: [ByteBuffer]
        let byteCount: Int

        init(
            kind: SocketPacket.Kind, namespace: String, eventName: String?, ackID: UInt64?, frame: ByteBuffer, headerLength: Int,
            payloadOffset: Int?, attachments: [ByteBuffer]
        ) {
            self.kind = kind
            self.namespace = namespace
            self.eventName = eventName
            self.ackID = ackID
            self.frame = frame
            self.headerLength = headerLength
            self.payloadOffset = payloadOffset
            self.attachments = attachments
            self.attachmentFrames = attachments.isEmpty ? [] : WebSocketFrameEncoder.frames(of: attachments)
            self.byteCount = attachments.reduce(frame.readableBytes - headerLength - 1) { $0 + $1.readableBytes }
        }
    }

    private let storage: Storage

    init(
        kind: SocketPacket.Kind, namespace: String, eventName: String?, ackID: UInt64?, frame: ByteBuffer, headerLength: Int,
        payloadOffset: Int?, attachments: [ByteBuffer]
    ) {
        storage = Storage(
            kind: kind, namespace: namespace, eventName: eventName, ackID: ackID, frame: frame, headerLength: headerLength,
            payloadOffset: payloadOffset, attachments: attachments)
    }

    package var kind: SocketPacket.Kind { storage.kind }
    package var namespace: String { storage.namespace }
    package var eventName: String? { storage.eventName }
    package var ackID: UInt64? { storage.ackID }

    /// A complete unmasked WebSocket text frame with the Engine.IO message packet in it.
    package var frame: ByteBuffer { storage.frame }

    /// The Engine.IO message packet: `4` and ``text``. A slice of ``frame``.
    package var engineText: ByteBuffer { slice(from: storage.headerLength) }

    /// The Socket.IO packet without the `4` of Engine.IO. A slice of ``frame``.
    package var text: ByteBuffer { slice(from: storage.headerLength + 1) }

    /// The JSON part of ``text``. A slice of ``frame``.
    package var payload: ByteBuffer? { storage.payloadOffset.map { slice(from: $0) } }

    /// Binary messages that must follow the text at once, with no other message in between.
    package var attachments: [ByteBuffer] { storage.attachments }

    /// What follows ``frame`` on a WebSocket: one after the other, these are the unmasked binary frames of the attachments.
    /// A large attachment is not copied: its header is a buffer of its own.
    package var attachmentFrames: [ByteBuffer] { storage.attachmentFrames }

    /// Bytes of the text and the attachments, without framing.
    package var byteCount: Int { storage.byteCount }

    private func slice(from offset: Int) -> ByteBuffer {
        var slice = storage.frame
        slice.moveReaderIndex(forwardBy: offset)
        return slice
    }
}
