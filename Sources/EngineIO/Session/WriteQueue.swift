import NIOCore
import SocketIOWire

/// What waits to be sent to one client. It belongs to the session, not to a transport, so that order holds across the upgrade
/// (trap 6 of the behaviour notes); a message and its attachments are one entry, so that nothing comes between them (trap 35).
struct WriteQueue {
    enum Entry {
        case packet(EnginePacketType, ByteBuffer)
        case message(OutgoingMessage)
    }

    private(set) var entries: [Entry] = []
    private(set) var bytes = 0

    var isEmpty: Bool { entries.isEmpty }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.byteCount
    }

    mutating func removeAll() -> [Entry] {
        defer {
            entries.removeAll(keepingCapacity: true)
            bytes = 0
        }
        return entries
    }

    /// All entries as the body of one polling answer.
    mutating func takeBody() -> ByteBuffer {
        var body = ByteBuffer()
        body.reserveCapacity(bytes + 2 * entries.count)
        for entry in removeAll() {
            for part in entry.parts {
                if body.writerIndex > 0 { body.writeInteger(EnginePayload.separator) }
                part.writeText(into: &body)
            }
        }
        return body
    }
}

extension WriteQueue.Entry {
    var byteCount: Int {
        switch self {
        case .packet(_, let payload): payload.readableBytes + 1
        case .message(let message): message.byteCount + 1
        }
    }

    /// The Engine.IO packets of the entry, in order.
    var parts: [EnginePacket] {
        switch self {
        case .packet(let type, let payload): [EnginePacket(type, payload)]
        case .message(let message): [EnginePacket(.message, message.text)] + message.attachments.map { EnginePacket(binary: $0) }
        }
    }

    /// The entry as WebSocket frames.
    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .packet(let type, let payload):
            var text = ByteBuffer(integer: type.digit)
            text.writeImmutableBuffer(payload)
            WebSocketFrameEncoder.write(.text, payload: text, into: &buffer)
        case .message(let message):
            buffer.writeImmutableBuffer(message.frame)
            for frame in message.attachmentFrames { buffer.writeImmutableBuffer(frame) }
        }
    }
}
