import ArgumentParser

/// A span of time on the command line: `250ms`, `5s`, `2m`; a bare number is milliseconds.
struct TimeSpan: ExpressibleByArgument, Sendable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [(suffix: String, milliseconds: Double)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        let unit = units.first { argument.hasSuffix($0.suffix) }
        guard let number = Double(argument.dropLast(unit?.suffix.count ?? 0)), number >= 0, number.isFinite else { return nil }
        let milliseconds = number * (unit?.milliseconds ?? 1)
        guard milliseconds <= 1e12 else { return nil }
        duration = .microseconds(Int64(milliseconds * 1000))
    }

    var defaultValueDescription: String { "\(duration)" }
}

/// A number of bytes on the command line: `1000000`, `64k`, `10m`, `2g` (powers of 1024).
struct ByteCount: ExpressibleByArgument, Sendable {
    let bytes: Int

    init?(argument: String) {
        let units: [Character: Int] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        let unit = argument.last.flatMap { units[Character($0.lowercased())] }
        guard let number = Int(argument.dropLast(unit == nil ? 0 : 1)), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow else { return nil }
        self.bytes = bytes
    }
}
