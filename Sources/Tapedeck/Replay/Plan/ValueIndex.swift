/// Finds which of many known values occur inside a text, in one pass over its bytes.
///
/// A tape may hold thousands of ids and a hundred thousand texts, so neither may be tried against each other one by one: a filter over
/// the first four bytes dismisses nearly every position at once.
struct ValueIndex: Sendable {
    struct Occurrence: Sendable, Equatable {
        /// The offsets in the UTF-8 form of the text.
        let range: Range<Int>
        let value: Int
    }

    /// Shorter values are too likely to stand in a text by chance.
    static let shortestInside = 8

    private var filter = [UInt64](repeating: 0, count: 1024)
    private var byPrefix: [UInt32: [Int]] = [:]
    private var known: [(bytes: [UInt8], value: Int, anywhere: Bool)] = []

    /// - Parameter anywhere: an id that no other text can hold by chance counts even in the middle of a word.
    mutating func insert(_ text: String, value: Int, anywhere: Bool) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 4 else { return }
        let prefix = Self.prefix(bytes[0], bytes[1], bytes[2], bytes[3])
        let slot = Self.slot(prefix)
        filter[slot >> 6] |= 1 << UInt64(slot & 63)
        known.append((bytes, value, anywhere))
        byPrefix[prefix, default: []].append(known.count - 1)
    }

    /// The occurrences from left to right, the longest first where two begin at the same place; they never overlap.
    func occurrences(in text: String) -> [Occurrence] {
        guard !known.isEmpty, text.utf8.count >= 4 else { return [] }
        var text = text
        return text.withUTF8 { bytes in
            var found: [Occurrence] = []
            var index = 0
            while let match = next(in: UnsafeRawBufferPointer(bytes), from: index) {
                found.append(match)
                index = match.range.upperBound
            }
            return found
        }
    }

    func occur(in bytes: UnsafeRawBufferPointer) -> Bool { !known.isEmpty && next(in: bytes, from: 0) != nil }

    private func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> Occurrence? {
        var index = start
        while index + 4 <= bytes.count {
            let prefix = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self))
            let slot = Self.slot(prefix)
            if filter[slot >> 6] & (1 << UInt64(slot & 63)) != 0, let match = longest(at: index, in: bytes, prefix: prefix) { return match }
            index += 1
        }
        return nil
    }

    private func longest(at index: Int, in bytes: UnsafeRawBufferPointer, prefix: UInt32) -> Occurrence? {
        var best: Occurrence?
        for candidate in byPrefix[prefix] ?? [] {
            let (value, number, anywhere) = known[candidate]
            let end = index + value.count
            guard end <= bytes.count, value.count > best?.range.count ?? 0 else { continue }
            guard bytes[index..<end].elementsEqual(value) else { continue }
            if !anywhere {
                guard index == 0 || !Self.isWordByte(bytes[index - 1]), end == bytes.count || !Self.isWordByte(bytes[end]) else { continue }
            }
            best = Occurrence(range: index..<end, value: number)
        }
        return best
    }

    private static func prefix(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) -> UInt32 {
        UInt32(a) | UInt32(b) << 8 | UInt32(c) << 16 | UInt32(d) << 24
    }

    private static func slot(_ prefix: UInt32) -> Int { Int(truncatingIfNeeded: (prefix &* 0x9E37_79B1) >> 16) }

    static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: byte >= 0x80
        }
    }
}
