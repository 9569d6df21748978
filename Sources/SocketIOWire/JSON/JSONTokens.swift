/// Looks at JSON text without building values of it.
package enum JSONTokens {
    /// Where the elements of an array stand in its text, without the first few; `nil` if the document is no array.
    /// - Throws: `JSONError` if the text is no JSON.
    package static func elements(
        of text: UnsafeRawBufferPointer, dropping count: Int, attachments: Int
    ) throws(JSONError) -> Range<Int>? {
        guard UTF8Validation.isValid(text) else { throw JSONError(.invalidUTF8, at: 0) }
        var scanner = JSONScanner(text, attachmentCount: attachments == 0 ? nil : attachments)
        try scanner.scanDocument()
        var cursor = JSONCursor(text)
        guard cursor.take(UInt8(ascii: "[")) else { return nil }
        for _ in 0..<count where cursor.peek() != UInt8(ascii: "]") {
            cursor.skipValue()
            _ = cursor.take(UInt8(ascii: ","))
        }
        let start = cursor.index
        var end = text.count
        while end > start, text[end - 1] != UInt8(ascii: "]") { end -= 1 }
        return start..<max(start, end - 1)
    }

    package enum Token {
        /// Without escapes; the bytes are valid as long as the text is.
        case string(UnsafeRawBufferPointer, isKey: Bool)
        case escaped(String, isKey: Bool)
        case integer(Int64)
    }

    /// Passes the strings, members' names among them, and the integers of a text that a scanner has passed: a document, or values with
    /// commas between them.
    package struct Walk {
        private var cursor: JSONCursor

        package init(_ text: UnsafeRawBufferPointer) { cursor = JSONCursor(text) }

        package mutating func next() -> Token? {
            while cursor.index < cursor.bytes.count {
                switch cursor.bytes[cursor.index] {
                case UInt8(ascii: "\""):
                    let (text, isEscaped) = cursor.skipString()
                    let isKey = cursor.peek() == UInt8(ascii: ":")
                    return isEscaped ? .escaped(JSONCursor.unescape(text), isKey: isKey) : .string(text, isKey: isKey)
                case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    if case .integer(let value) = JSONNumber(cursor.skipScalar()) { return .integer(value) }
                default: cursor.index &+= 1
                }
            }
            return nil
        }
    }
}
