#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Microseconds since 1970.
package enum UnixTime {
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// ISO 8601 in UTC with microseconds, as the views write it: "2026-11-23T04:13:15.000042Z".
    package static func text(_ microseconds: Int64) -> String {
        var seconds = time_t(microseconds / 1_000_000)
        var rest = Int(microseconds % 1_000_000)
        if rest < 0 {
            rest += 1_000_000
            seconds -= 1
        }
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let numbers: [(value: Int, width: Int, end: UInt8)] = [
            (Int(parts.tm_year) + 1900, 4, UInt8(ascii: "-")), (Int(parts.tm_mon) + 1, 2, UInt8(ascii: "-")),
            (Int(parts.tm_mday), 2, UInt8(ascii: "T")), (Int(parts.tm_hour), 2, UInt8(ascii: ":")),
            (Int(parts.tm_min), 2, UInt8(ascii: ":")), (Int(parts.tm_sec), 2, UInt8(ascii: ".")), (rest, 6, UInt8(ascii: "Z")),
        ]
        // Every row that is read passes here, so it is done in one piece.
        return String(unsafeUninitializedCapacity: 27) { text in
            var at = 0
            for number in numbers {
                var value = number.value
                for place in stride(from: at + number.width - 1, through: at, by: -1) {
                    text[place] = UInt8(ascii: "0") + UInt8((value % 10).magnitude)
                    value /= 10
                }
                text[at + number.width] = number.end
                at += number.width + 1
            }
            return at
        }
    }
}
