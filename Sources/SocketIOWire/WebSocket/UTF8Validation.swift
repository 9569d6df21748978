package import NIOCore

package enum UTF8Validation {
    package static func isValid(_ buffer: ByteBuffer) -> Bool {
        buffer.withUnsafeReadableBytes { isValid($0) }
    }

    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let end = bytes.count
        var index = 0
        while index < end {
            // eight ASCII bytes at a time
            while index + 8 <= end, bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 { index += 8 }
            guard index < end else { return true }
            let first = bytes[index]
            if first < 0x80 {
                index += 1
                continue
            }
            let length: Int
            let second: ClosedRange<UInt8>
            switch first {
            case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default: return false
            }
            guard index + length <= end, second.contains(bytes[index + 1]) else { return false }
            if length > 2 {
                guard bytes[index + 2] & 0xC0 == 0x80 else { return false }
                if length == 4 { guard bytes[index + 3] & 0xC0 == 0x80 else { return false } }
            }
            index += length
        }
        return true
    }
}
