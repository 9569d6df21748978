/// A cursor of a list that is ordered by two values; opaque to clients. Texts stand in it as hexadecimal digits.
struct PairCursor<First: Sendable>: Sendable {
    let first: First
    let second: String

    /// Nil: from the beginning.
    init?(_ parameters: QueryParameters, first: (Substring) -> First?) throws {
        guard parameters.has("after") else { return nil }
        let sides = (parameters.text("after") ?? "").split(separator: ".", omittingEmptySubsequences: false)
        guard sides.count == 2, let one = first(sides[0]), let other = PairCursor<String>.text(sides[1]) else {
            throw Problem.parameter("after", takes: "the value of 'next' of the page before")
        }
        self.first = one
        second = other
    }
}

extension PairCursor where First == String {
    static func text(_ first: String, _ second: String) -> String { "\(first).\(hex(second))" }

    static func hex(_ text: String) -> String {
        text.utf8.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// The text of hexadecimal digits.
    static func text(_ digits: Substring) -> String? {
        let digits = Array(digits.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
