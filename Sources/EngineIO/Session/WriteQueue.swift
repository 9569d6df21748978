import NIOCore
import SocketIOWire

/// What waits to be sent to one client. It belongs to the session, not to a transport, so that order holds across the upgrade
/// (trap 6 of the behaviour notes); a message and its attachments are one entry, so that nothing comes between them (trap 35).
struct WriteQueue {
    enum Entry {
        case packet(EnginePacketType, ByteBuffer)
        case message(OutgoingMessage, compress: Bool)
        /// A binary message of no Socket.IO packet.
        case binary(ByteBuffer)
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
            entries = []
            bytes = 0
        }
        return entries
    }

    /// All entries as the body of one polling answer.
    mutating func takeBody(_ form: ClientForm) -> PollingBody {
        let entries = removeAll()
        var body = form.body(of: entries.flatMap(\.packets))
        body.mayCompress = entries.contains(where: \.mayCompress)
        return body
    }
}

extension WriteQueue.Entry {
    var byteCount: Int {
        switch self {
        case .packet(_, let payload): payload.readableBytes + 1
        case .message(let message, _): message.byteCount + 1
        case .binary(let bytes): bytes.readableBytes
        }
    }

    var mayCompress: Bool {
        switch self {
        case .packet, .binary: true
        case .message(_, let compress): compress
        }
    }

    /// The Engine.IO packets of the entry, in order.
    var packets: [EnginePacket] {
        switch self {
        case .packet(let type, let payload): [EnginePacket(type, payload)]
        case .message(let message, _): message.packets
        case .binary(let bytes): [EnginePacket(binary: bytes)]
        }
    }

    /// The entry as WebSocket frames that fit every client of revision 4.
    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .packet(let type, let payload):
            var text = ByteBuffer(integer: type.digit)
            text.writeImmutableBuffer(payload)
            WebSocketFrameEncoder.write(.text, payload: text, into: &buffer)
        case .message(let message, _):
            buffer.writeImmutableBuffer(message.frame)
            for frame in message.attachmentFrames { buffer.writeImmutableBuffer(frame) }
        case .binary(let bytes):
            WebSocketFrameEncoder.write(.binary, payload: bytes, into: &buffer)
        }
    }
}
