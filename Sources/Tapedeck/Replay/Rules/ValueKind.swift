import SocketIOWire

/// The kinds of values that `--match` knows.
package enum ValueKind: Sendable, Hashable {
    case any
    case string
    case number
    case uuid
    case iso8601
    /// Unix time, in seconds or milliseconds.
    case epoch
    case near(Double)
    /// An array whose elements may come in any order.
    case unordered
    /// What was recorded must be there; more may be.
    case subset
    case pattern(String)

    static let names = "uuid, iso8601, epoch, number, number±TOLERANCE, string, any, unordered, subset and /regex/"

    init(parsing text: Substring, rule: String) throws(RuleError) {
        switch text {
        case "any": self = .any
        case "string": self = .string
        case "number": self = .number
        case "uuid": self = .uuid
        case "iso8601": self = .iso8601
        case "epoch": self = .epoch
        case "unordered": self = .unordered
        case "subset": self = .subset
        case _ where text.hasPrefix("number±") || text.hasPrefix("number+-"):
            guard let tolerance = Double(text.dropFirst(text.hasPrefix("number±") ? 7 : 8)), tolerance >= 0, tolerance.isFinite else {
                throw RuleError(rule: rule, reason: "'\(text)' needs a number of 0 or more behind the ±")
            }
            self = .near(tolerance)
        default:
            guard text.count >= 2, text.first == "/", text.last == "/" else {
                throw RuleError(rule: rule, reason: "'\(text)' is no kind; there are \(Self.names)")
            }
            let pattern = String(text.dropFirst().dropLast())
            do { _ = try Regex(pattern) } catch { throw RuleError(rule: rule, reason: "the regular expression /\(pattern)/ is not valid") }
            self = .pattern(pattern)
        }
    }

    var description: String {
        switch self {
        case .any: "anything"
        case .string: "a string"
        case .number: "a number"
        case .uuid: "a UUID"
        case .iso8601: "an ISO 8601 time"
        case .epoch: "a Unix time"
        case .near(let tolerance): "a number within \(tolerance) of the recorded one"
        case .unordered: "the same elements in any order"
        case .subset: "at least what was recorded"
        case .pattern(let pattern): "a string that matches /\(pattern)/"
        }
    }

    /// Whether `value` may stand where `recorded` stood. The kinds that look into what was recorded are the comparison's own business.
    func accepts(_ value: JSONValue, insteadOf recorded: JSONValue) -> Bool {
        if case .near(let tolerance) = self {
            guard let now = value.doubleValue, let then = recorded.doubleValue else { return false }
            return abs(now - then) <= tolerance
        }
        return accepts(value)
    }

    func accepts(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.any, _), (.string, .string), (.number, .integer), (.number, .number): return true
        case (.uuid, .string(let text)): return Self.isUUID(text)
        case (.iso8601, .string(let text)): return text.wholeMatch(of: Self.iso8601Shape) != nil
        case (.epoch, .integer), (.epoch, .number): return Self.isEpoch(value.doubleValue ?? 0)
        case (.pattern(let pattern), .string(let text)):
            // validated when the rule was read; a search, as in grep
            guard let regex = try? Regex(pattern) else { return false }
            return text.contains(regex)
        default: return false
        }
    }

    /// Between 2001 and 2286, in seconds or in milliseconds.
    private static func isEpoch(_ number: Double) -> Bool { (1e9..<1e10).contains(number) || (1e12..<1e13).contains(number) }

    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        for (index, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                guard Character(UnicodeScalar(byte)).isHexDigit else { return false }
            }
        }
        return true
    }

    private static var iso8601Shape: Regex<Substring> {
        /\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/
    }
}
