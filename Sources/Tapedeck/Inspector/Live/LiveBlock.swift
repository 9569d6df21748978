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

    init(after: Int64, upTo: Int64, _ changes: [TapeChange]) throws {
        self.after = after
        self.upTo = upTo
        items = try changes.map { Item(change: $0, text: try Self.event($0)) }
        var text = ByteBuffer()
        text.reserveCapacity(items.reduce(0) { $0 + $1.text.readableBytes })
        for item in items { text.writeImmutableBuffer(item.text) }
        self.text = text
    }

    static func event(_ change: TapeChange) throws -> ByteBuffer {
        switch change {
        case .packet(let row): event("packet", id: row.id, try JSONValue(row: row))
        case .roomChange(let row): event("room-change", id: row.id, try JSONValue(row: row))
        case .session(let id, let row): event("session", id: id, try JSONValue(row: row))
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

    /// The events of the items that pass.
    func text(_ isWanted: (TapeChange) -> Bool, after position: Int64) -> ByteBuffer {
        var text = ByteBuffer()
        for item in items where item.change.id > position && isWanted(item.change) { text.writeImmutableBuffer(item.text) }
        return text
    }
}
