internal import NIOCore

/// Walks over JSON that a ``JSONScanner`` has passed, and takes values out of it.
///
/// It trusts the grammar but not the bounds: on anything else it returns wrong values, and never reads outside.
struct JSONCursor {
    let bytes: UnsafeRawBufferPointer
    var index: Int

    init(_ bytes: UnsafeRawBufferPointer, at index: Int = 0) {
        self.bytes = bytes
        self.index = index
    }

    /// The kind of a value, told by its first byte.
    enum Kind: Sendable {
        case object, array, string, number, bool, null, none

        var name: String {
            switch self {
            case .object: "an object"
            case .array: "an array"
            case .string: "a string"
            case .number: "a number"
            case .bool: "true or false"
            case .null: "null"
            case .none: "nothing"
            }
        }
    }

    /// The next byte that is not whitespace, 0 at the end.
    @inline(__always)
    mutating func peek() -> UInt8 {
        while index < bytes.count {
            let byte = bytes[index]
            guard JSONBytes.isWhitespace(byte) else { return byte }
            index &+= 1
        }
        return 0
    }

    @inline(__always)
    mutating func kind() -> Kind {
        switch peek() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case 0: .none
        default: .number
        }
    }

    /// Passes the byte if it comes next.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte, index < bytes.count else { return false }
        index &+= 1
        return true
    }

    /// Passes a value without looking into it.
    mutating func skipValue() {
        switch peek() {
        case UInt8(ascii: "\""): _ = skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): skipContainer()
        default: _ = skipScalar()
        }
    }

    private mutating func skipContainer() {
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                _ = skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                if depth <= 0 {
                    index &+= 1
                    return
                }
            default: break
            }
            index &+= 1
        }
    }

    /// Passes a number or word and returns its bytes.
    @inline(__always)
    mutating func skipScalar() -> UnsafeRawBufferPointer {
        let start = index
        scan: while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09: break scan
            default: index &+= 1
            }
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<index])
    }

    /// Stands at a quote. Passes the string and returns the bytes between the quotes, still escaped.
    @inline(__always)
    mutating func skipString() -> (bytes: UnsafeRawBufferPointer, isEscaped: Bool) {
        let start = index &+ 1
        var at = start
        var isEscaped = false
        while true {
            while at &+ 8 <= bytes.count {
                let special = JSONBytes.specialBytes(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                if special == 0 {
                    at &+= 8
                } else {
                    at &+= special.trailingZeroBitCount >> 3
                    break
                }
            }
            guard at < bytes.count else {
                index = bytes.count
                return (UnsafeRawBufferPointer(rebasing: bytes[min(start, bytes.count)..<bytes.count]), isEscaped)
            }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                index = at &+ 1
                return (UnsafeRawBufferPointer(rebasing: bytes[start..<at]), isEscaped)
            }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                at &+= 2
            } else {
                at &+= 1
            }
        }
    }

    /// Stands at a quote.
    @inline(__always)
    mutating func readString() -> String {
        let (text, isEscaped) = skipString()
        return isEscaped ? JSONCursor.unescape(text) : String(decoding: text, as: UTF8.self)
    }

    /// A string's value from its bytes between the quotes. Half a surrogate pair becomes U+FFFD.
    @inline(never)
    static func unescape(_ text: UnsafeRawBufferPointer) -> String {
        // the text never gets longer: the shortest escape of a three-byte character has six bytes
        String(unsafeUninitializedCapacity: text.count) { output in
            var written = 0
            var at = 0
            func hex4(_ start: Int) -> UInt32? {
                guard start + 4 <= text.count else { return nil }
                var value: UInt32 = 0
                for index in start..<(start + 4) {
                    guard let digit = JSONBytes.hexValue(text[index]) else { return nil }
                    value = value << 4 | digit
                }
                return value
            }
            while at < text.count {
                let byte = text[at]
                guard byte == UInt8(ascii: "\\"), at + 1 < text.count else {
                    output[written] = byte
                    written += 1
                    at += 1
                    continue
                }
                let escape = text[at + 1]
                at += 2
                switch escape {
                case UInt8(ascii: "b"): output[written] = 0x08
                case UInt8(ascii: "f"): output[written] = 0x0C
                case UInt8(ascii: "n"): output[written] = 0x0A
                case UInt8(ascii: "r"): output[written] = 0x0D
                case UInt8(ascii: "t"): output[written] = 0x09
                case UInt8(ascii: "u"):
                    guard var code = hex4(at) else { continue }
                    at += 4
                    if (0xD800..<0xDC00).contains(code), at + 6 <= text.count, text[at] == UInt8(ascii: "\\"),
                        text[at + 1] == UInt8(ascii: "u"), let low = hex4(at + 2), (0xDC00..<0xE000).contains(low)
                    {
                        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                        at += 6
                    }
                    let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
                    for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                        output[written] = unit
                        written += 1
                    }
                    continue
                default: output[written] = escape
                }
                written += 1
            }
            return written
        }
    }
}
