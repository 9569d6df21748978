import NIOCore

/// The beginning of an event's data, `["name",` or `["name"]`, in the one spelling that the view `events` can cut off.
///
/// Clients may write spaces there, or escape what need not be escaped. JSON means the same either way.
enum EventHead {
    /// The payload with its head in that spelling; nil if it has it already, or if it is not the data of this event.
    static func respelled(_ payload: ByteBuffer, event: String) -> ByteBuffer? {
        if hasPlainHead(payload, event: event) { return nil }
        let bytes = payload.readableBytesView
        var index = skipSpace(bytes, bytes.startIndex)
        guard index < bytes.endIndex, bytes[index] == UInt8(ascii: "[") else { return nil }
        index = skipSpace(bytes, index + 1)
        guard index < bytes.endIndex else { return nil }
        let isText = bytes[index] == UInt8(ascii: "\"")
        guard let end = isText ? endOfString(bytes, index) : endOfNumber(bytes, index) else { return nil }
        let rest = skipSpace(bytes, end)
        guard rest < bytes.endIndex, bytes[rest] == UInt8(ascii: ",") || bytes[rest] == UInt8(ascii: "]") else { return nil }
        var respelled = ByteBuffer(string: "[" + (isText ? JSONText.string(event) : event))
        respelled.writeBytes(bytes[rest...])
        return respelled == payload ? nil : respelled
    }

    private static func hasPlainHead(_ payload: ByteBuffer, event: String) -> Bool {
        var event = event
        return payload.withUnsafeReadableBytes { bytes in
            event.withUTF8 { name in
                guard bytes.count >= name.count + 4, bytes[0] == UInt8(ascii: "["), bytes[1] == UInt8(ascii: "\""),
                    bytes[name.count + 2] == UInt8(ascii: "\""),
                    bytes[name.count + 3] == UInt8(ascii: ",") || bytes[name.count + 3] == UInt8(ascii: "]")
                else { return false }
                return bytes[2..<(name.count + 2)].elementsEqual(name)
            }
        }
    }

    private static func skipSpace(_ bytes: ByteBufferView, _ index: Int) -> Int {
        var index = index
        while index < bytes.endIndex, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[index]) { index += 1 }
        return index
    }

    /// Behind the closing quote of the string that begins here.
    private static func endOfString(_ bytes: ByteBufferView, _ start: Int) -> Int? {
        var index = start + 1
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "\\"): index += 2
            case UInt8(ascii: "\""): return index + 1
            default: index += 1
            }
        }
        return nil
    }

    private static func endOfNumber(_ bytes: ByteBufferView, _ start: Int) -> Int? {
        var index = start
        while index < bytes.endIndex, "+-.0123456789eE".utf8.contains(bytes[index]) { index += 1 }
        return index > start ? index : nil
    }
}
