package import NIOCore

/// Base64 as RFC 4648 has it.
package enum Base64 {
    package static func encode(_ bytes: ByteBuffer, into text: inout ByteBuffer) {
        let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        let count = (bytes.readableBytes + 2) / 3 * 4
        text.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { output in
            bytes.withUnsafeReadableBytes { input in
                alphabet.withUTF8Buffer { alphabet in
                    var at = 0
                    var index = 0
                    while index < input.count {
                        let left = input.count - index
                        let a = UInt32(input[index])
                        let b = left > 1 ? UInt32(input[index + 1]) : 0
                        let c = left > 2 ? UInt32(input[index + 2]) : 0
                        let group = a << 16 | b << 8 | c
                        output[at] = alphabet[Int(group >> 18)]
                        output[at + 1] = alphabet[Int(group >> 12 & 63)]
                        output[at + 2] = left > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
                        output[at + 3] = left > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "=")
                        index += 3
                        at += 4
                    }
                }
            }
            return count
        }
    }

    /// `nil` if it is not base64. Padding may be left out, and the URL alphabet is understood, as Node does.
    package static func decode(_ text: ByteBuffer) -> ByteBuffer? {
        var bytes = ByteBuffer()
        let valid = text.withUnsafeReadableBytes { input -> Bool in
            var end = input.count
            if end % 4 == 0 {
                for _ in 0..<2 where end > 0 && input[end - 1] == UInt8(ascii: "=") { end -= 1 }
            }
            guard end % 4 != 1 else { return false }
            var valid = true
            guard end > 0 else { return true }
            bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: end / 4 * 3 + 2) { output in
                var at = 0
                var group: UInt32 = 0
                var digits = 0
                for index in 0..<end {
                    guard let digit = value(of: input[index]) else {
                        valid = false
                        return 0
                    }
                    group = group << 6 | digit
                    digits += 1
                    if digits == 4 {
                        output[at] = UInt8(truncatingIfNeeded: group >> 16)
                        output[at + 1] = UInt8(truncatingIfNeeded: group >> 8)
                        output[at + 2] = UInt8(truncatingIfNeeded: group)
                        at += 3
                        group = 0
                        digits = 0
                    }
                }
                if digits == 2 {
                    output[at] = UInt8(truncatingIfNeeded: group >> 4)
                    at += 1
                } else if digits == 3 {
                    output[at] = UInt8(truncatingIfNeeded: group >> 10)
                    output[at + 1] = UInt8(truncatingIfNeeded: group >> 2)
                    at += 2
                }
                return at
            }
            return valid
        }
        return valid ? bytes : nil
    }

    @inline(__always)
    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte &- 65)
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte &- 71)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &+ 4)
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

extension Base64 {
    package static func encode(_ bytes: [UInt8]) -> String {
        var text = ByteBuffer()
        encode(ByteBuffer(bytes: bytes), into: &text)
        return String(buffer: text)
    }
}
