package import NIOCore
import Synchronization

/// One Socket.IO packet, ready for any transport and any number of receivers: encoded once, shared by reference.
package struct OutgoingMessage: Sendable {
    private final class Storage: Sendable {
        let kind: SocketPacket.Kind
        let namespace: String
        let eventName: String?
        let ackID: UInt64?
        /// The first message with the WebSocket frame around it.
        let frame: ByteBuffer
        /// bytes of ``frame`` before the first message
        let bodyOffset: Int
        /// Whether the first message is text; only a ``PacketParser`` makes one that is not.
        let isText: Bool
        let payload: Payload
        let attachments: [ByteBuffer]
        /// What the tap is shown: those of the packet, also where a parser has put them elsewhere.
        let packetAttachments: [ByteBuffer]
        let attachmentFrames: [ByteBuffer]
        let byteCount: Int
        /// For permessage-deflate, made for the first receiver that wants it.
        let deflatedFrames = Mutex<[ByteBuffer]?>(nil)

        init(
            kind: SocketPacket.Kind, namespace: String, eventName: String?, ackID: UInt64?, frame: ByteBuffer, bodyOffset: Int,
            isText: Bool,
            payload: Payload, attachments: [ByteBuffer], packetAttachments: [ByteBuffer]
        ) {
            self.kind = kind
            self.namespace = namespace
            self.eventName = eventName
            self.ackID = ackID
            self.frame = frame
            self.bodyOffset = bodyOffset
            self.isText = isText
            self.payload = payload
            self.attachments = attachments
            self.packetAttachments = packetAttachments
            self.attachmentFrames = attachments.isEmpty ? [] : WebSocketFrameEncoder.frames(of: attachments)
            self.byteCount = attachments.reduce(frame.readableBytes - bodyOffset) { $0 + $1.readableBytes }
        }
    }

    private enum Payload: Sendable {
        case none
        /// From this byte of the frame on.
        case inFrame(from: Int)
        case apart(ByteBuffer)
    }

    private let storage: Storage

    init(
        kind: SocketPacket.Kind, namespace: String, eventName: String?, ackID: UInt64?, frame: ByteBuffer, headerLength: Int,
        payloadOffset: Int?, attachments: [ByteBuffer]
    ) {
        storage = Storage(
            kind: kind, namespace: namespace, eventName: eventName, ackID: ackID, frame: frame, bodyOffset: headerLength + 1, isText: true,
            payload: payloadOffset.map { .inFrame(from: $0) } ?? .none, attachments: attachments, packetAttachments: attachments)
    }

    /// The same packet in the form of another parser.
    private init(_ message: OutgoingMessage, parser: any PacketParser) {
        let packet = SocketPacket(
            kind: message.kind, namespace: message.namespace, ackID: message.ackID, payload: message.payload,
            attachments: message.attachments, eventName: message.eventName)
        let messages = parser.encode(packet)
        var body = ByteBuffer()
        var isText = false
        if case .text(let text)? = messages.first {
            isText = true
            body.writeInteger(EnginePacketType.message.digit)
            body.writeImmutableBuffer(text)
        } else if let bytes = messages.first?.bytes {
            body = bytes
        }
        var frame = ByteBuffer()
        WebSocketFrameEncoder.write(isText ? .text : .binary, payload: body, into: &frame)
        storage = Storage(
            kind: message.kind, namespace: message.namespace, eventName: message.eventName, ackID: message.ackID, frame: frame,
            bodyOffset: frame.readableBytes - body.readableBytes + (isText ? 1 : 0), isText: isText,
            payload: message.payload.map { .apart($0) } ?? .none, attachments: messages.dropFirst().map(\.bytes),
            packetAttachments: message.attachments)
    }

    /// The packet as `parser` writes it; as it is without one.
    package func written(by parser: (any PacketParser)?) -> OutgoingMessage {
        guard let parser else { return self }
        return OutgoingMessage(self, parser: parser)
    }

    package var kind: SocketPacket.Kind { storage.kind }
    package var namespace: String { storage.namespace }
    package var eventName: String? { storage.eventName }
    package var ackID: UInt64? { storage.ackID }

    /// A complete unmasked WebSocket frame with the first message in it.
    package var frame: ByteBuffer { storage.frame }

    /// Whether the first message is text.
    package var isText: Bool { storage.isText }

    /// The first message without what Engine.IO puts around it: the Socket.IO packet as text, unless a parser wrote bytes. A slice of ``frame``.
    package var text: ByteBuffer { slice(from: storage.bodyOffset) }

    /// The packet's JSON, with placeholders for ``packetAttachments``.
    package var payload: ByteBuffer? {
        switch storage.payload {
        case .none: nil
        case .inFrame(let offset): slice(from: offset)
        case .apart(let payload): payload
        }
    }

    /// Binary messages that must follow the first at once, with no other message in between.
    package var attachments: [ByteBuffer] { storage.attachments }

    /// The bytes that the placeholders of ``payload`` stand for.
    package var packetAttachments: [ByteBuffer] { storage.packetAttachments }

    /// What follows ``frame`` on a WebSocket: one after the other, these are the unmasked binary frames of the attachments.
    /// A large attachment is not copied: its header is a buffer of its own.
    package var attachmentFrames: [ByteBuffer] { storage.attachmentFrames }

    /// Bytes of the messages, without framing.
    package var byteCount: Int { storage.byteCount }

    /// All messages as packets of Engine.IO, in order.
    package var packets: [EnginePacket] {
        [storage.isText ? EnginePacket(.message, text) : EnginePacket(binary: text)] + attachments.map { EnginePacket(binary: $0) }
    }

    /// The frames with those messages deflated that have at least `threshold` bytes and get smaller by it (permessage-deflate without context
    /// takeover, so one form serves all receivers). From any thread.
    package func deflatedFrames(threshold: Int) -> [ByteBuffer] {
        storage.deflatedFrames.withLock { frames in
            if let frames { return frames }
            let made = packets.map { packet in
                var content = packet.payload
                if !packet.isBinary {
                    content = ByteBuffer(integer: packet.type.digit)
                    content.writeImmutableBuffer(packet.payload)
                }
                return WebSocketFrameEncoder.deflated(packet.isBinary ? .binary : .text, content, threshold: threshold)
            }
            frames = made
            return made
        }
    }

    private func slice(from offset: Int) -> ByteBuffer {
        var slice = storage.frame
        slice.moveReaderIndex(forwardBy: offset)
        return slice
    }
}
