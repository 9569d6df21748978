internal import NIOCore

extension JSONCursor {
    /// Passes a value and builds it. Placeholders become bytes if there are attachments.
    mutating func readValue(attachments: [ByteBuffer]) -> JSONValue {
        switch peek() {
        case UInt8(ascii: "\""): return .string(readString())
        case UInt8(ascii: "{"): return readObject(attachments: attachments)
        case UInt8(ascii: "["):
            index &+= 1
            var values: [JSONValue] = []
            if take(UInt8(ascii: "]")) { return .array(values) }
            while index < bytes.count {
                values.append(readValue(attachments: attachments))
                if !take(UInt8(ascii: ",")) { break }
            }
            _ = take(UInt8(ascii: "]"))
            return .array(values)
        default: return JSONCursor.scalar(skipScalar())
        }
    }

    private mutating func readObject(attachments: [ByteBuffer]) -> JSONValue {
        index &+= 1
        var object = JSONObject()
        if take(UInt8(ascii: "}")) { return .object(object) }
        var placeholder = BinaryPlaceholder()
        while index < bytes.count {
            guard peek() == UInt8(ascii: "\"") else { break }
            let (key, isEscaped) = skipString()
            _ = take(UInt8(ascii: ":"))
            _ = peek()
            let start = index
            let value = readValue(attachments: attachments)
            if !attachments.isEmpty { placeholder.note(key: key, value: UnsafeRawBufferPointer(rebasing: bytes[start..<index])) }
            object[isEscaped ? JSONCursor.unescape(key) : String(decoding: key, as: UTF8.self)] = value
            if !take(UInt8(ascii: ",")) { break }
        }
        _ = take(UInt8(ascii: "}"))
        if let number = placeholder.attachment(of: attachments.count) { return .binary(attachments[number]) }
        return .object(object)
    }

    private static func scalar(_ text: UnsafeRawBufferPointer) -> JSONValue {
        switch text.first {
        case UInt8(ascii: "t"): .bool(true)
        case UInt8(ascii: "f"): .bool(false)
        case UInt8(ascii: "n"), nil: .null
        default:
            switch JSONNumber(text) {
            case .integer(let value): .integer(value)
            case .double(let value): .number(value)
            }
        }
    }

    /// Passes a value. If it is a placeholder, the number of the attachment it stands for.
    mutating func readPlaceholder(attachmentCount: Int) -> Int? {
        guard attachmentCount > 0, take(UInt8(ascii: "{")) else {
            skipValue()
            return nil
        }
        var placeholder = BinaryPlaceholder()
        while index < bytes.count, peek() == UInt8(ascii: "\"") {
            let key = skipString().bytes
            _ = take(UInt8(ascii: ":"))
            _ = peek()
            let start = index
            skipValue()
            placeholder.note(key: key, value: UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
            if !take(UInt8(ascii: ",")) { break }
        }
        _ = take(UInt8(ascii: "}"))
        return placeholder.attachment(of: attachmentCount)
    }
}
