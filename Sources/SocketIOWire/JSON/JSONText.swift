package import NIOCore

/// Writes JSON.
package enum JSONText {
    /// With its quotation marks.
    package static func write(_ string: String, into text: inout ByteBuffer) {
        var string = string
        string.withUTF8 { write(utf8: UnsafeRawBufferPointer($0), into: &text) }
    }

    private static func write(utf8: UnsafeRawBufferPointer, into text: inout ByteBuffer) {
        // room for the worst case if that is little, else for what is there
        let escapes =
            utf8.count <= 64
            ? utf8.count : utf8.reduce(0) { $0 &+ ($1 < 0x20 || $1 == UInt8(ascii: "\"") || $1 == UInt8(ascii: "\\") ? 1 : 0) }
        text.writeWithUnsafeMutableBytes(minimumWritableBytes: utf8.count + escapes * 5 + 2) { output in
            var written = 1
            output[0] = UInt8(ascii: "\"")
            var at = 0
            while at < utf8.count {
                // copy up to the next byte that must be escaped
                let start = at
                while at < utf8.count {
                    if at &+ 8 <= utf8.count {
                        let special = JSONBytes.specialBytes(UInt64(littleEndian: utf8.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                        if special == 0 {
                            at &+= 8
                            continue
                        }
                        at &+= special.trailingZeroBitCount >> 3
                        break
                    }
                    let byte = utf8[at]
                    if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
                    at &+= 1
                }
                if at > start {
                    UnsafeMutableRawBufferPointer(rebasing: output[written...])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: utf8[start..<at]))
                    written &+= at &- start
                }
                guard at < utf8.count else { break }
                written = escape(utf8[at], into: output, at: written)
                at &+= 1
            }
            output[written] = UInt8(ascii: "\"")
            return written &+ 1
        }
    }

    private static func escape(_ byte: UInt8, into output: UnsafeMutableRawBufferPointer, at index: Int) -> Int {
        output[index] = UInt8(ascii: "\\")
        let short: UInt8? =
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
            case 0x08: UInt8(ascii: "b")
            case 0x09: UInt8(ascii: "t")
            case 0x0A: UInt8(ascii: "n")
            case 0x0C: UInt8(ascii: "f")
            case 0x0D: UInt8(ascii: "r")
            default: nil
            }
        if let short {
            output[index + 1] = short
            return index + 2
        }
        output[index + 1] = UInt8(ascii: "u")
        output[index + 2] = UInt8(ascii: "0")
        output[index + 3] = UInt8(ascii: "0")
        output[index + 4] = UInt8(ascii: "0") + byte >> 4
        let low = byte & 15
        output[index + 5] = low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10
        return index + 6
    }

    static func write(_ value: Int64, into text: inout ByteBuffer) {
        if value < 0 { text.writeInteger(UInt8(ascii: "-")) }
        write(value.magnitude, into: &text)
    }

    static func write(_ value: UInt64, into text: inout ByteBuffer) {
        text.writeWithUnsafeMutableBytes(minimumWritableBytes: 20) { output in
            var count = 1
            var rest = value / 10
            while rest > 0 {
                count &+= 1
                rest /= 10
            }
            var at = count
            rest = value
            repeat {
                at &-= 1
                output[at] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while at > 0
            return count
        }
    }

    /// The shortest text that reads back as the same number; whole numbers without a fraction, as JavaScript writes them. NaN and the
    /// infinities, which JSON does not have, become `null` (trap 41 of the behaviour notes).
    static func write(_ value: Double, into text: inout ByteBuffer) {
        guard value.isFinite else {
            text.writeStaticString("null")
            return
        }
        if value.magnitude <= 9_007_199_254_740_992, value.rounded(.towardZero) == value {
            write(Int64(value), into: &text)
        } else {
            text.writeString(withoutFraction(value.description))
        }
    }

    static func write(_ value: Float, into text: inout ByteBuffer) {
        guard value.isFinite else {
            text.writeStaticString("null")
            return
        }
        text.writeString(withoutFraction(value.description))
    }

    private static func withoutFraction(_ description: String) -> String {
        description.hasSuffix(".0") ? String(description.dropLast(2)) : description
    }

    static func write(_ value: Bool, into text: inout ByteBuffer) {
        if value { text.writeStaticString("true") } else { text.writeStaticString("false") }
    }

    /// Puts the bytes to the attachments and a placeholder into the text.
    static func write(binary bytes: ByteBuffer, into text: inout ByteBuffer, attachments: inout [ByteBuffer]) {
        text.writeStaticString(#"{"_placeholder":true,"num":"#)
        write(UInt64(attachments.count), into: &text)
        text.writeInteger(UInt8(ascii: "}"))
        attachments.append(bytes)
    }
}
