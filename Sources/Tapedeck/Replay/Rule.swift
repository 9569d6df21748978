import SocketIOWire
import Tape

/// What the user said about differences that do not matter: `--ignore` and `--match`, one value each.
///
/// - `chat message:$[0].at`: the `at` of the first argument of `chat message`, and of what is acked to a `chat message`.
/// - `$.at`: an `at` in any argument that is an object, in every event and ack.
/// - `cast` (no path): `cast` is not compared at all; it may be missing and may come unasked.
/// - `chat message:$[0].id=uuid` (`--match` only): the value need not be the recorded one, but must be of that kind.
public struct ReplayRule: Sendable, Hashable, CustomStringConvertible {
    /// The rule as it was written.
    public let description: String
    /// The event that the rule is for; `nil` is every event.
    let event: String?
    /// `nil`: the whole event.
    let path: RulePath?
    /// `nil`: whatever stands there, even nothing.
    let kind: ValueKind?

    /// Parses what stands behind `--ignore`: `PATH`, `EVENT:PATH` or `EVENT`.
    /// - Throws: ``RuleError`` that says what is wrong with the text.
    public init(ignoring text: String) throws(RuleError) {
        description = text
        kind = nil
        (event, path) = try Self.split(Substring(text), whole: text)
        guard event != nil || path != nil else { throw RuleError(rule: text, reason: "it is empty") }
    }

    /// Parses what stands behind `--match`: `PATH=KIND` or `EVENT:PATH=KIND`; KIND is `uuid`, `iso8601`, `number`, `string`, `any` or `/regex/`.
    /// - Throws: ``RuleError`` that says what is wrong with the text.
    public init(matching text: String) throws(RuleError) {
        description = text
        let afterPath = Self.pathStart(in: Substring(text)) ?? text.startIndex
        guard let equals = text[afterPath...].firstIndex(of: "=") else {
            throw RuleError(rule: text, reason: "it needs '=' and a kind behind the path: uuid, iso8601, number, string, any or /regex/")
        }
        kind = try ValueKind(parsing: text[text.index(after: equals)...], rule: text)
        (event, path) = try Self.split(text[..<equals], whole: text)
        guard path != nil else { throw RuleError(rule: text, reason: "it needs a path such as $[0].id") }
    }

    private static func split(_ text: Substring, whole: String) throws(RuleError) -> (event: String?, path: RulePath?) {
        guard let start = pathStart(in: text) else { return (text.isEmpty ? nil : String(text), nil) }
        let path: RulePath
        do { path = try RulePath(parsing: text[start...]) } catch { throw RuleError(rule: whole, reason: error.reason) }
        guard start > text.startIndex else { return (nil, path) }
        return (String(text[..<text.index(before: start)]), path)
    }

    /// Where the path begins: at the start, or behind the first `:` that is followed by a path's `$`. Event names may hold `:` and `$` themselves.
    private static func pathStart(in text: Substring) -> Substring.Index? {
        func opensPath(_ index: Substring.Index) -> Bool {
            guard text[index] == "$" else { return false }
            let next = text.index(after: index)
            return next == text.endIndex || ".[=".contains(text[next])
        }
        guard let first = text.indices.first else { return nil }
        if opensPath(first) { return first }
        var index = first
        while let colon = text[index...].firstIndex(of: ":") {
            let next = text.index(after: colon)
            guard next < text.endIndex else { return nil }
            if opensPath(next) { return next }
            index = next
        }
        return nil
    }
}

/// Why a rule cannot be understood.
public struct RuleError: Error, Hashable, CustomStringConvertible {
    /// The rule as it was written.
    public let rule: String
    /// What is wrong with it.
    public let reason: String

    public var description: String {
        "cannot read the rule '\(rule)': \(reason); write it like '$.at', 'chat message:$[0].at' or 'EVENT:$[0].id=uuid'"
    }
}

/// The kinds of values that `--match` knows.
package enum ValueKind: Sendable, Hashable {
    case any
    case string
    case number
    case uuid
    case iso8601
    case pattern(String)

    init(parsing text: Substring, rule: String) throws(RuleError) {
        switch text {
        case "any": self = .any
        case "string": self = .string
        case "number": self = .number
        case "uuid": self = .uuid
        case "iso8601": self = .iso8601
        default:
            guard text.count >= 2, text.first == "/", text.last == "/" else {
                throw RuleError(rule: rule, reason: "'\(text)' is no kind; there are uuid, iso8601, number, string, any and /regex/")
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
        case .pattern(let pattern): "a string that matches /\(pattern)/"
        }
    }

    func accepts(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.any, _), (.string, .string), (.number, .integer), (.number, .number): return true
        case (.uuid, .string(let text)): return Self.isUUID(text)
        case (.iso8601, .string(let text)): return text.wholeMatch(of: Self.iso8601Shape) != nil
        case (.pattern(let pattern), .string(let text)):
            // validated when the rule was read; a search, as in grep
            guard let regex = try? Regex(pattern) else { return false }
            return text.contains(regex)
        default: return false
        }
    }

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
