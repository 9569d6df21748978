public import NIOCore

extension JSONValue {
    /// Reads a JSON text.
    ///
    /// - Parameter attachments: where objects like `{"_placeholder":true,"num":0}` take their bytes from. Without any,
    ///   such objects are read as the objects they are.
    public init(parsing text: ByteBuffer, attachments: [ByteBuffer] = []) throws(JSONError) {
        throw JSONError(.unexpectedEnd, at: 0)
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
    }
}

extension JSONValue: CustomStringConvertible {
    /// The JSON text.
    public var description: String { String(buffer: serialized()) }
}
