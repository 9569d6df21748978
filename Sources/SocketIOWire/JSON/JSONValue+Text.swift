public import NIOCore

extension JSONValue {
    /// Reads a JSON text.
    ///
    /// - Parameter attachments: where objects like `{"_placeholder":true,"num":0}` take their bytes from. Without any,
    ///   such objects are read as the objects they are.
    public init(parsing text: ByteBuffer, attachments: [ByteBuffer] = []) throws(JSONError) {
        self = try text.withUnsafeReadableBytes { bytes throws(JSONError) -> JSONValue in
            guard UTF8Validation.isValid(bytes) else { throw JSONError(.invalidUTF8, at: 0) }
            var scanner = JSONScanner(bytes, attachmentCount: attachments.isEmpty ? nil : attachments.count)
            try scanner.scanDocument()
            var cursor = JSONCursor(bytes)
            return cursor.readValue(attachments: attachments)
        }
    }

    public init(parsing text: String, attachments: [ByteBuffer] = []) throws(JSONError) {
        try self.init(parsing: ByteBuffer(string: text), attachments: attachments)
    }

    /// The JSON text. Binary data becomes a placeholder; use ``write(into:attachments:)`` to have the bytes as well.
    public func serialized() -> ByteBuffer {
        var text = ByteBuffer()
        var attachments: [ByteBuffer] = []
        write(into: &text, attachments: &attachments)
        return text
    }

    /// Appends the JSON text to `text` and the binary data it refers to to `attachments`.
    public func write(into text: inout ByteBuffer, attachments: inout [ByteBuffer]) {
        switch self {
        case .null: text.writeStaticString("null")
        case .bool(let value): JSONText.write(value, into: &text)
        case .integer(let value): JSONText.write(value, into: &text)
        case .number(let value): JSONText.write(value, into: &text)
        case .string(let value): JSONText.write(value, into: &text)
        case .binary(let bytes): JSONText.write(binary: bytes, into: &text, attachments: &attachments)
        case .array(let values):
            text.writeInteger(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { text.writeInteger(UInt8(ascii: ",")) }
                value.write(into: &text, attachments: &attachments)
            }
            text.writeInteger(UInt8(ascii: "]"))
        case .object(let object): object.write(into: &text, attachments: &attachments)
        }
    }
}

extension JSONObject {
    /// Appends the JSON text to `text` and the binary data it refers to to `attachments`.
    public func write(into text: inout ByteBuffer, attachments: inout [ByteBuffer]) {
        text.writeInteger(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in self {
            if !isFirst { text.writeInteger(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.write(key, into: &text)
            text.writeInteger(UInt8(ascii: ":"))
            value.write(into: &text, attachments: &attachments)
        }
        text.writeInteger(UInt8(ascii: "}"))
    }
}

extension JSONValue: CustomStringConvertible {
    /// The JSON text.
    public var description: String { String(buffer: serialized()) }
}
