/// Dates as JavaScript writes them: `2014-05-28T12:00:00.000Z`.
enum ISO8601 {
    /// `nil` outside the years 0 to 9999, and for what is no number.
    static func text(ofMilliseconds time: Double) -> String? {
        guard time >= -62_167_219_200_000, time < 253_402_300_800_000 else { return nil }
        let total = Int(time.rounded(.down))
        let day = total >= 0 ? total / 86_400_000 : -((86_399_999 - total) / 86_400_000)
        let millisecond = total - day * 86_400_000
        let (year, month, dayOfMonth) = date(ofDay: day)
        return String(unsafeUninitializedCapacity: 24) { text in
            var at = 0
            func put(_ value: Int, digits: Int) {
                var rest = value
                for index in stride(from: at + digits - 1, through: at, by: -1) {
                    text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
                at += digits
            }
            func put(_ character: UInt8) {
                text[at] = character
                at += 1
            }
            put(year, digits: 4)
            put(UInt8(ascii: "-"))
            put(month, digits: 2)
            put(UInt8(ascii: "-"))
            put(dayOfMonth, digits: 2)
            put(UInt8(ascii: "T"))
            put(millisecond / 3_600_000, digits: 2)
            put(UInt8(ascii: ":"))
            put(millisecond / 60_000 % 60, digits: 2)
            put(UInt8(ascii: ":"))
            put(millisecond / 1000 % 60, digits: 2)
            put(UInt8(ascii: "."))
            put(millisecond % 1000, digits: 3)
            put(UInt8(ascii: "Z"))
            return 24
        }
    }

    /// Milliseconds since 1970. The time may be missing (midnight UTC), so may the seconds and the fraction; the zone is `Z` or `+hh:mm`.
    static func milliseconds(of text: String) -> Double? {
        var rest = Substring(text).utf8[...]
        func digits(_ count: Int) -> Int? {
            guard rest.count >= count else { return nil }
            var value = 0
            for byte in rest.prefix(count) {
                let digit = byte &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                value = value * 10 + Int(digit)
            }
            rest = rest.dropFirst(count)
            return value
        }
        func take(_ character: Character) -> Bool {
            guard let byte = character.asciiValue, rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }

        guard let year = digits(4), take("-"), let month = digits(2), (1...12).contains(month), take("-"), let dayOfMonth = digits(2),
            (1...31).contains(dayOfMonth)
        else { return nil }
        let day = day(year: year, month: month, day: dayOfMonth)
        guard date(ofDay: day) == (year, month, dayOfMonth) else { return nil }
        var milliseconds = Double(day) * 86_400_000
        if rest.isEmpty { return milliseconds }

        guard take("T") || take("t") || take(" "), let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60 else {
            return nil
        }
        milliseconds += Double(hour * 3_600_000 + minute * 60_000)
        if take(":") {
            guard let second = digits(2), second <= 60 else { return nil }
            milliseconds += Double(second * 1000)
            if take(".") {
                var scale = 100.0
                var count = 0
                while let digit = digits(1) {
                    milliseconds += Double(digit) * scale
                    scale /= 10
                    count += 1
                }
                guard count > 0 else { return nil }
            }
        }
        if take("Z") || take("z") { return rest.isEmpty ? milliseconds : nil }
        let sign: Double
        if take("+") { sign = -1 } else if take("-") { sign = 1 } else { return nil }
        guard let zoneHour = digits(2), zoneHour < 24 else { return nil }
        _ = take(":")
        guard let zoneMinute = digits(2), zoneMinute < 60, rest.isEmpty else { return nil }
        return milliseconds + sign * Double(zoneHour * 3_600_000 + zoneMinute * 60_000)
    }

    // The proleptic Gregorian calendar in eras of 400 years, which begin on 1 March: so the leap day is the last of its year.

    private static func day(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(ofDay day: Int) -> (Int, Int, Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfMonth)
    }
}
