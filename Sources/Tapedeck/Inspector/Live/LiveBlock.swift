import NIOCore
import SocketIOWire
import Tape

/// A stretch of what happened, read from the tape once and shown to all listeners.
struct LiveBlock: Sendable {
    struct Item: Sendable {
        let change: TapeChange
        /// The complete server-sent event.
        let text: ByteBuffer
    }

    /// The items have ids above this one and up to `upTo`; there are no others.
    let after: Int64
    let upTo: Int64
    let items: [Item]
    /// All events, one after the other.
    let text: ByteBuffer
    /// The last packet of a socket that had not been accepted when it was read: which session it belongs to, the tape learns later.
    let lastUndecided: Int64?

    init(after: Int64, upTo: Int64, _ changes: [TapeChange]) throws {
        self.after = after
        self.upTo = upTo
        items = try changes.map { Item(change: $0, text: try Self.event($0)) }
        var text = ByteBuffer()
        text.reserveCapacity(items.reduce(0) { $0 + $1.text.readableBytes })
        for item in items { text.writeImmutableBuffer(item.text) }
        self.text = text
        lastUndecided = changes.last { $0.isUndecided }?.id
    }

    static func event(_ change: TapeChange) throws -> ByteBuffer {
        switch change {
        case .packet(let row): return event("packet", id: row.id, try JSONValue(row: row))
        case .roomChange(let row): return event("room-change", id: row.id, try JSONValue(row: row))
        case .session(let id, let action, let row):
            // The row is as it is when it is read: of a session that began long ago it may hold the end too.
            guard case .object(var object) = try JSONValue(row: row) else { return ByteBuffer() }
            object["action"] = action == .join ? "connected" : "ended"
            return event("session", id: id, .object(object))
        }
    }

    static func event(_ name: String, id: Int64?, _ data: JSONValue) -> ByteBuffer {
        var text = ByteBuffer()
        if let id { text.writeString("id: \(id)\n") }
        text.writeString("event: \(name)\ndata: ")
        text.writeImmutableBuffer(data.serialized())
        text.writeString("\n\n")
        return text
    }

    /// Bytes that one who does not read may hold in memory for itself.
    static let pieceBytes = 16 << 10

    /// The events after a position that pass, of about `pieceBytes`, and up to which id that is.
    func piece(_ isWanted: (TapeChange) -> Bool, after position: Int64) -> (text: ByteBuffer, upTo: Int64) {
        var text = ByteBuffer()
        for item in items where item.change.id > position && isWanted(item.change) {
            if text.readableBytes == 0 {
                // A single event is shared with all others who get it.
                text = item.text
            } else {
                text.writeImmutableBuffer(item.text)
            }
            if text.readableBytes >= Self.pieceBytes { return (text, item.change.id) }
        }
        return (text, upTo)
    }
}

extension TapeChange {
    fileprivate var isUndecided: Bool {
        if case .packet(let packet) = self { packet.layer == .socket && packet.sessionID == nil } else { false }
    }
}
