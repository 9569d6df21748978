internal import NIOCore

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The types that are read and written without the machinery of `Codable`: the plain ones, and those whose form on the wire is not the
/// one their own `Codable` would give them (bytes, dates).
///
/// The casts: a metatype that is equal to that of a concrete type proves that `T` is this type, so the bits of the value are those of it.
enum FastArgument {
    // MARK: Reading

    /// Reads the value at the cursor and passes it. `nil` if `T` is none of these types; then the cursor has not moved.
    @inline(__always)
    static func read<T>(
        _ type: T.Type, at cursor: inout JSONCursor, attachments: [ByteBuffer]
    ) throws(ArgumentMismatch) -> T? {
        if type == String.self { return unsafeBitCast(try string(&cursor), to: T.self) }
        if type == Int.self { return unsafeBitCast(Int(try integer(&cursor, "an integer", Int64.self)), to: T.self) }
        if type == Double.self { return unsafeBitCast(try double(&cursor), to: T.self) }
        if type == Bool.self { return unsafeBitCast(try bool(&cursor), to: T.self) }
        if type == JSONValue.self { return unsafeBitCast(cursor.readValue(attachments: attachments), to: T.self) }
        return try readLessCommon(type, at: &cursor, attachments: attachments)
    }

    @inline(never)
    private static func readLessCommon<T>(
        _ type: T.Type, at cursor: inout JSONCursor, attachments: [ByteBuffer]
    ) throws(ArgumentMismatch) -> T? {
        if type == Data.self { return unsafeBitCast(Data(try binary(&cursor, attachments).readableBytesView), to: T.self) }
        if type == ByteBuffer.self { return unsafeBitCast(try binary(&cursor, attachments), to: T.self) }
        if type == [UInt8].self {
            // an array of numbers is an array of bytes as well
            guard cursor.kind() != .array else { return unsafeBitCast(try array(&cursor, element: byte), to: T.self) }
            return unsafeBitCast(Array(try binary(&cursor, attachments).readableBytesView), to: T.self)
        }
        if type == JSONObject.self {
            let kind = cursor.kind()
            guard case .object(let object) = cursor.readValue(attachments: attachments) else {
                throw ArgumentMismatch(expected: "an object", found: kind == .object ? "binary data" : kind.name)
            }
            return unsafeBitCast(object, to: T.self)
        }
        if type == [String].self { return unsafeBitCast(try array(&cursor, element: string), to: T.self) }
        if type == [Int].self {
            return unsafeBitCast(
                try array(&cursor) { cursor throws(ArgumentMismatch) in try integer(&cursor, "an integer", Int.self) }, to: T.self)
        }
        if type == [Double].self { return unsafeBitCast(try array(&cursor, element: double), to: T.self) }
        if type == [Bool].self { return unsafeBitCast(try array(&cursor, element: bool), to: T.self) }
        if type == [JSONValue].self {
            return unsafeBitCast(try array(&cursor) { $0.readValue(attachments: attachments) }, to: T.self)
        }
        if type == String?.self { return unsafeBitCast(try optional(&cursor, string), to: T.self) }
        if type == Date.self { return unsafeBitCast(try date(&cursor), to: T.self) }
        if type == UUID.self {
            let text = try string(&cursor)
            guard let uuid = UUID(uuidString: text) else { throw ArgumentMismatch(expected: "a UUID", found: "\"\(text)\"") }
            return unsafeBitCast(uuid, to: T.self)
        }
        if type == URL.self {
            let text = try string(&cursor)
            guard let url = URL(string: text) else { throw ArgumentMismatch(expected: "a URL", found: "\"\(text)\"") }
            return unsafeBitCast(url, to: T.self)
        }
        if type == Int64.self { return unsafeBitCast(try integer(&cursor, "an integer", Int64.self), to: T.self) }
        if type == Int32.self { return unsafeBitCast(try integer(&cursor, "an integer of 32 bits", Int32.self), to: T.self) }
        if type == Int16.self { return unsafeBitCast(try integer(&cursor, "an integer of 16 bits", Int16.self), to: T.self) }
        if type == Int8.self { return unsafeBitCast(try integer(&cursor, "an integer of 8 bits", Int8.self), to: T.self) }
        if type == UInt.self { return unsafeBitCast(try integer(&cursor, "an integer from 0 on", UInt.self), to: T.self) }
        if type == UInt64.self { return unsafeBitCast(try integer(&cursor, "an integer from 0 on", UInt64.self), to: T.self) }
        if type == UInt32.self { return unsafeBitCast(try integer(&cursor, "an integer from 0 on of 32 bits", UInt32.self), to: T.self) }
        if type == UInt16.self { return unsafeBitCast(try integer(&cursor, "an integer from 0 on of 16 bits", UInt16.self), to: T.self) }
        if type == UInt8.self { return unsafeBitCast(try byte(&cursor), to: T.self) }
        if type == Float.self { return unsafeBitCast(Float(try double(&cursor)), to: T.self) }
        return nil
    }

    static func string(_ cursor: inout JSONCursor) throws(ArgumentMismatch) -> String {
        guard cursor.peek() == UInt8(ascii: "\"") else { throw ArgumentMismatch(expected: "a string", at: &cursor) }
        return cursor.readString()
    }

    static func bool(_ cursor: inout JSONCursor) throws(ArgumentMismatch) -> Bool {
        let kind = cursor.peek()
        guard kind == UInt8(ascii: "t") || kind == UInt8(ascii: "f") else {
            throw ArgumentMismatch(expected: "true or false", at: &cursor)
        }
        _ = cursor.skipScalar()
        return kind == UInt8(ascii: "t")
    }

    static func double(_ cursor: inout JSONCursor) throws(ArgumentMismatch) -> Double {
        guard cursor.kind() == .number else { throw ArgumentMismatch(expected: "a number", at: &cursor) }
        switch JSONNumber(cursor.skipScalar()) {
        case .integer(let value): return Double(value)
        case .double(let value): return value
        }
    }

    /// Numbers like `1.0` are integers too: to JavaScript they are the same.
    static func integer<I: FixedWidthInteger>(
        _ cursor: inout JSONCursor, _ expected: String, _ type: I.Type
    ) throws(ArgumentMismatch) -> I {
        guard cursor.kind() == .number else { throw ArgumentMismatch(expected: expected, at: &cursor) }
        let text = cursor.skipScalar()
        let value: I? =
            switch JSONNumber(text) {
            case .integer(let value): I(exactly: value)
            // beyond 2^53 a Double is only near the number that was written, which UInt64 may still hold
            case .double(let value): I(String(decoding: text, as: UTF8.self)) ?? I(exactly: value)
            }
        guard let value else { throw ArgumentMismatch(expected: expected, found: String(decoding: text, as: UTF8.self)) }
        return value
    }

    private static func byte(_ cursor: inout JSONCursor) throws(ArgumentMismatch) -> UInt8 {
        try integer(&cursor, "an integer from 0 to 255", UInt8.self)
    }

    private static func optional<Value>(
        _ cursor: inout JSONCursor, _ read: (inout JSONCursor) throws(ArgumentMismatch) -> Value
    ) throws(ArgumentMismatch) -> Value? {
        guard cursor.kind() != .null else {
            cursor.skipValue()
            return nil
        }
        return try read(&cursor)
    }

    private static func array<Element>(
        _ cursor: inout JSONCursor, element: (inout JSONCursor) throws(ArgumentMismatch) -> Element
    ) throws(ArgumentMismatch) -> [Element] {
        guard cursor.take(UInt8(ascii: "[")) else { throw ArgumentMismatch(expected: "an array", at: &cursor) }
        var values: [Element] = []
        if cursor.take(UInt8(ascii: "]")) { return values }
        while true {
            do throws(ArgumentMismatch) {
                values.append(try element(&cursor))
            } catch {
                throw error.within("[\(values.count)]")
            }
            guard cursor.take(UInt8(ascii: ",")) else { break }
        }
        _ = cursor.take(UInt8(ascii: "]"))
        return values
    }

    private static func binary(_ cursor: inout JSONCursor, _ attachments: [ByteBuffer]) throws(ArgumentMismatch) -> ByteBuffer {
        let kind = cursor.kind()
        guard kind == .object, let number = cursor.readPlaceholder(attachmentCount: attachments.count) else {
            throw ArgumentMismatch(expected: "binary data", found: kind.name)
        }
        return attachments[number]
    }

    private static func date(_ cursor: inout JSONCursor) throws(ArgumentMismatch) -> Date {
        if cursor.kind() == .number { return Date(timeIntervalSince1970: try double(&cursor) / 1000) }
        guard cursor.peek() == UInt8(ascii: "\"") else {
            throw ArgumentMismatch(expected: "a date (ISO 8601, or milliseconds since 1970)", at: &cursor)
        }
        let text = cursor.readString()
        guard let milliseconds = ISO8601.milliseconds(of: text) else {
            throw ArgumentMismatch(expected: "a date (ISO 8601, or milliseconds since 1970)", found: "\"\(text)\"")
        }
        return Date(timeIntervalSince1970: milliseconds / 1000)
    }

    // MARK: Writing

    /// Writes the value if `T` is one of these types.
    @inline(__always)
    static func write<T>(_ value: T, into text: inout ByteBuffer, attachments: inout [ByteBuffer]) -> Bool {
        let type = T.self
        if type == String.self {
            JSONText.write(unsafeBitCast(value, to: String.self), into: &text)
        } else if type == Int.self {
            JSONText.write(Int64(unsafeBitCast(value, to: Int.self)), into: &text)
        } else if type == Double.self {
            JSONText.write(unsafeBitCast(value, to: Double.self), into: &text)
        } else if type == Bool.self {
            JSONText.write(unsafeBitCast(value, to: Bool.self), into: &text)
        } else if type == JSONValue.self {
            unsafeBitCast(value, to: JSONValue.self).write(into: &text, attachments: &attachments)
        } else {
            return writeLessCommon(value, into: &text, attachments: &attachments)
        }
        return true
    }

    @inline(never)
    private static func writeLessCommon<T>(_ value: T, into text: inout ByteBuffer, attachments: inout [ByteBuffer]) -> Bool {
        let type = T.self
        if type == Data.self {
            JSONText.write(binary: ByteBuffer(bytes: unsafeBitCast(value, to: Data.self)), into: &text, attachments: &attachments)
        } else if type == ByteBuffer.self {
            JSONText.write(binary: unsafeBitCast(value, to: ByteBuffer.self), into: &text, attachments: &attachments)
        } else if type == [UInt8].self {
            JSONText.write(binary: ByteBuffer(bytes: unsafeBitCast(value, to: [UInt8].self)), into: &text, attachments: &attachments)
        } else if type == JSONObject.self {
            unsafeBitCast(value, to: JSONObject.self).write(into: &text, attachments: &attachments)
        } else if type == [String].self {
            list(unsafeBitCast(value, to: [String].self), into: &text) { JSONText.write($0, into: &$1) }
        } else if type == [Int].self {
            list(unsafeBitCast(value, to: [Int].self), into: &text) { JSONText.write(Int64($0), into: &$1) }
        } else if type == [Double].self {
            list(unsafeBitCast(value, to: [Double].self), into: &text) { JSONText.write($0, into: &$1) }
        } else if type == [Bool].self {
            list(unsafeBitCast(value, to: [Bool].self), into: &text) { JSONText.write($0, into: &$1) }
        } else if type == [JSONValue].self {
            list(unsafeBitCast(value, to: [JSONValue].self), into: &text) { $0.write(into: &$1, attachments: &attachments) }
        } else if type == String?.self {
            if let string = unsafeBitCast(value, to: String?.self) {
                JSONText.write(string, into: &text)
            } else {
                text.writeStaticString("null")
            }
        } else if type == Date.self {
            let milliseconds = unsafeBitCast(value, to: Date.self).timeIntervalSince1970 * 1000
            if let date = ISO8601.text(ofMilliseconds: milliseconds) {
                JSONText.write(date, into: &text)
            } else {
                text.writeStaticString("null")
            }
        } else if type == UUID.self {
            JSONText.write(unsafeBitCast(value, to: UUID.self).uuidString, into: &text)
        } else if type == URL.self {
            JSONText.write(unsafeBitCast(value, to: URL.self).absoluteString, into: &text)
        } else if type == Int64.self {
            JSONText.write(unsafeBitCast(value, to: Int64.self), into: &text)
        } else if type == Int32.self {
            JSONText.write(Int64(unsafeBitCast(value, to: Int32.self)), into: &text)
        } else if type == Int16.self {
            JSONText.write(Int64(unsafeBitCast(value, to: Int16.self)), into: &text)
        } else if type == Int8.self {
            JSONText.write(Int64(unsafeBitCast(value, to: Int8.self)), into: &text)
        } else if type == UInt.self {
            JSONText.write(UInt64(unsafeBitCast(value, to: UInt.self)), into: &text)
        } else if type == UInt64.self {
            JSONText.write(unsafeBitCast(value, to: UInt64.self), into: &text)
        } else if type == UInt32.self {
            JSONText.write(UInt64(unsafeBitCast(value, to: UInt32.self)), into: &text)
        } else if type == UInt16.self {
            JSONText.write(UInt64(unsafeBitCast(value, to: UInt16.self)), into: &text)
        } else if type == UInt8.self {
            JSONText.write(UInt64(unsafeBitCast(value, to: UInt8.self)), into: &text)
        } else if type == Float.self {
            JSONText.write(unsafeBitCast(value, to: Float.self), into: &text)
        } else {
            return false
        }
        return true
    }

    private static func list<Element>(
        _ values: [Element], into text: inout ByteBuffer, _ write: (Element, inout ByteBuffer) -> Void
    ) {
        text.writeInteger(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { text.writeInteger(UInt8(ascii: ",")) }
            write(value, &text)
        }
        text.writeInteger(UInt8(ascii: "]"))
    }
}

/// What was wanted and what was there; the path is added on the way up.
struct ArgumentMismatch: Error {
    var path = ""
    let expected: String
    let found: String

    init(expected: String, found: String) {
        self.expected = expected
        self.found = found
    }

    init(expected: String, at cursor: inout JSONCursor) {
        self.init(expected: expected, found: cursor.kind().name)
    }

    func within(_ step: String) -> ArgumentMismatch {
        var outer = self
        outer.path = step + path
        return outer
    }
}
