/// The value of a JSON number.
enum JSONNumber {
    case integer(Int64)
    case double(Double)

    /// From the text of a number that a scanner has passed. Integers stay exact as long as they fit 64 bits; `-0` is a Double.
    init(_ text: UnsafeRawBufferPointer) {
        var index = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { index = 1 }
        var mantissa: UInt64 = 0
        var digits = 0
        var exponent = 0
        var isExact = true
        var isInteger = true

        func take(_ byte: UInt8) {
            if mantissa < 1_000_000_000_000_000_000 {
                mantissa = mantissa &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
                if !isInteger { exponent &-= 1 }
            } else {
                isExact = false
            }
            digits &+= 1
        }
        while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
            take(text[index])
            index &+= 1
        }
        if index < text.count, text[index] == UInt8(ascii: ".") {
            isInteger = false
            index &+= 1
            while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
                take(text[index])
                index &+= 1
            }
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index &+= 1
            var isExponentNegative = false
            if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
                isExponentNegative = text[index] == UInt8(ascii: "-")
                index &+= 1
            }
            var written = 0
            while index < text.count, text[index] &- UInt8(ascii: "0") < 10 {
                if written < 100_000 { written = written &* 10 &+ Int(text[index] &- UInt8(ascii: "0")) }
                index &+= 1
            }
            exponent &+= isExponentNegative ? -written : written
        }

        if isInteger, isExact, mantissa <= UInt64(Int64.max), !(isNegative && mantissa == 0) {
            self = .integer(isNegative ? -Int64(mantissa) : Int64(mantissa))
            return
        }
        if isInteger, !isExact, let integer = Int64(String(decoding: text, as: UTF8.self)) {
            self = .integer(integer)
            return
        }
        // up to 2^53 and 10^22 both parts are exact in a Double, so one operation rounds correctly
        if isExact, mantissa <= 1 << 53, exponent >= -22, exponent <= 22 {
            var value = Double(mantissa)
            if exponent < 0 { value /= Self.powersOfTen[-exponent] } else { value *= Self.powersOfTen[exponent] }
            self = .double(isNegative ? -value : value)
            return
        }
        self = .double(Double(String(decoding: text, as: UTF8.self)) ?? .nan)
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
