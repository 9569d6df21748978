/// A moment in unix time, in microseconds since 1970.
///
/// All timestamps of one server come from one monotonic base, so they never go back while it runs.
public struct Timestamp: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    public var description: String { "\(microseconds)µs" }
}
