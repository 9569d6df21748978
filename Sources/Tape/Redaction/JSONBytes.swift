/// The few things that have to be known of JSON's bytes to find one's way in them.
enum JSONBytes {
    @inline(__always)
    static func skipSpace(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] <= 0x20 { index &+= 1 }
        return index
    }

    /// The next quote that is not behind a backslash: outside of strings there are no backslashes in JSON, but in its remains.
    @inline(__always)
    static func firstQuote(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") { return index }
            index &+= 1
        }
        return nil
    }

    /// Where the string ends whose content begins at `start`: at its quote, or at the end of the text.
    @inline(__always)
    static func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (end: Int, isEscaped: Bool) {
        var index = start
        var isEscaped = false
        while index < bytes.count {
            // Eight at a time while none of them is a quote or a backslash.
            while index &+ 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if hasByte(word, UInt8(ascii: "\"")) || hasByte(word, UInt8(ascii: "\\")) { break }
                index &+= 8
            }
            guard index < bytes.count else { break }
            switch bytes[index] {
            case UInt8(ascii: "\""): return (index, isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                index &+= 2
            default: index &+= 1
            }
        }
        return (bytes.count, isEscaped)
    }

    @inline(__always)
    private static func hasByte(_ word: UInt64, _ byte: UInt8) -> Bool {
        let found = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
        return (found &- 0x0101_0101_0101_0101) & ~found & 0x8080_8080_8080_8080 != 0
    }

    static func endsWord(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: ":")
            || byte == UInt8(ascii: "\"")
    }

    /// The value of a string from its bytes between the quotes.
    static func unescaped(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\\")) else { return Array(text) }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        func unit(_ start: Int) -> UInt32? {
            guard start + 4 <= text.count else { return nil }
            return UInt32(String(decoding: text[start..<start + 4], as: UTF8.self), radix: 16)
        }
        while index < text.count {
            let byte = text[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < text.count else {
                result.append(byte)
                continue
            }
            let escape = text[index]
            index += 1
            switch escape {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                guard var code = unit(index) else { continue }
                index += 4
                if (0xD800..<0xDC00).contains(code), index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
                    text[index + 1] == UInt8(ascii: "u"), let low = unit(index + 2), (0xDC00..<0xE000).contains(low)
                {
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                    index += 6
                }
                result.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
            default: result.append(escape)
            }
        }
        return result
    }
}
