import NIOCore
import SocketIOWire
import Tape

/// Writes packets as `JSONValue(row:)` has them, but straight from the columns: pages of packets are what is asked for most, and most of what
/// one costs would be its JSON.
struct PacketText {
    private(set) var text = ByteBuffer()

    /// A list as all of them are: `{"items": […], "next": CURSOR or null}`.
    init(page: TapePage<PacketRow>) {
        text.writeString("{\"items\":[")
        for (index, row) in page.items.enumerated() {
            if index > 0 { text.writeString(",") }
            write(row)
        }
        text.writeString("],\"next\":\(page.next.map { "\"\($0)\"" } ?? "null")}")
    }

    private mutating func write(_ row: PacketRow) {
        text.writeString(
            "{\"id\":\(row.id),\"at\":\"\(row.at)\",\"direction\":\"\(row.direction.rawValue)\",\"layer\":\"\(row.layer.rawValue)\"")
        text.writeString(",\"type\":\"\(row.type)\",\"namespace\":")
        write(row.namespace)
        text.writeString(",\"event\":")
        write(row.event)
        text.writeString(",\"data\":")
        // A packet that could not be decoded has no JSON; it stays the text that it is.
        if let data = row.data, Self.isJSON(data) { text.writeString(data) } else { write(row.data) }
        text.writeString(",\"attachments\":\(row.attachments),\"bytes\":\(row.bytes),\"run_id\":\(row.runID)")
        text.writeString(",\"connection_id\":\(row.connectionID),\"session_id\":")
        write(row.sessionID)
        text.writeString(",\"at_us\":\(row.atMicroseconds),\"ack_id\":")
        write(row.ackID)
        text.writeString(",\"broadcast_id\":")
        write(row.broadcastID)
        text.writeString("}")
    }

    private mutating func write(_ value: String?) {
        if let value { JSONText.write(value, into: &text) } else { text.writeString("null") }
    }

    private mutating func write(_ value: Int64?) { text.writeString(value.map { "\($0)" } ?? "null") }

    private static func isJSON(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { bytes in
            var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
            do throws(JSONError) { try scanner.scanDocument() } catch { return false }
            return true
        }
    }
}
