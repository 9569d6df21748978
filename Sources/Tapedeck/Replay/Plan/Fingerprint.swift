/// 64 bits of a text, the same in every process. Two texts of one tape that share them are as good as impossible, and would do no worse than
/// leave a value as it was recorded.
enum Fingerprint {
    static func of(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { of(UnsafeRawBufferPointer($0)) }
    }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            hash = mixed(hash ^ UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
            index += 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(bytes[index])
            index += 1
        }
        return mixed(hash ^ rest)
    }

    /// The product in 128 bits, folded.
    private static func mixed(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return product.high ^ product.low ^ value >> 29
    }
}

/// Which texts may have been seen, in bounded memory: never wrong when it says no.
struct SeenTexts {
    private static let bits = 23
    private var words = [UInt64](repeating: 0, count: (1 << bits) / 64)

    mutating func insert(_ fingerprint: UInt64) {
        let (first, second) = Self.slots(fingerprint)
        words[first >> 6] |= 1 << UInt64(first & 63)
        words[second >> 6] |= 1 << UInt64(second & 63)
    }

    func mayHold(_ fingerprint: UInt64) -> Bool {
        let (first, second) = Self.slots(fingerprint)
        return words[first >> 6] >> UInt64(first & 63) & 1 == 1 && words[second >> 6] >> UInt64(second & 63) & 1 == 1
    }

    private static func slots(_ fingerprint: UInt64) -> (Int, Int) {
        (Int(fingerprint & (1 << bits - 1)), Int(fingerprint >> 32 & (1 << bits - 1)))
    }
}
