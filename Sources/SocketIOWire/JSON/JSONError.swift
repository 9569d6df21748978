/// Why a text is not acceptable JSON, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        /// The text stops in the middle of a value.
        case unexpectedEnd
        /// A byte that cannot stand here.
        case unexpectedByte(UInt8)
        /// Something follows the value.
        case trailingBytes
        /// An escape that JSON does not know.
        case invalidEscape
        /// A control character inside a string that is not escaped.
        case unescapedControlCharacter(UInt8)
        /// A number that JSON does not know, `01` or `1.` for instance.
        case invalidNumber
        /// The bytes are not UTF-8.
        case invalidUTF8
        /// Arrays and objects are nested deeper than allowed.
        case tooDeep(limit: Int)
        /// A binary placeholder whose `num` is not the number of an attachment.
        case illegalAttachment
    }

    public let reason: Reason
    /// Bytes from the start of the text.
    public let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    public var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "the text ends in the middle of a value"
            case .unexpectedByte(let byte): "unexpected \(JSONError.name(of: byte))"
            case .trailingBytes: "something follows the value"
            case .invalidEscape: "an escape sequence that JSON does not have"
            case .unescapedControlCharacter(let byte): "\(JSONError.name(of: byte)) must be escaped inside a string"
            case .invalidNumber: "not a number of JSON"
            case .invalidUTF8: "the bytes are not UTF-8"
            case .tooDeep(let limit): "nested deeper than \(limit) levels"
            case .illegalAttachment: "a binary placeholder names an attachment that is not there"
            }
        return "invalid JSON at byte \(offset): \(what)"
    }

    private static func name(of byte: UInt8) -> String {
        (0x21...0x7E).contains(byte) ? "'\(Character(Unicode.Scalar(byte)))'" : "byte 0x\(String(byte, radix: 16, uppercase: true))"
    }
}
