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

    /// Parses what stands behind `--match`: `PATH=KIND` or `EVENT:PATH=KIND`. KIND is `uuid`, `iso8601`, `epoch`, `number`, `number±TOLERANCE`,
    /// `string`, `any`, `/regex/`, `unordered` (an array in any order) or `subset` (more may be there than was recorded).
    /// - Throws: ``RuleError`` that says what is wrong with the text.
    public init(matching text: String) throws(RuleError) {
        let afterPath = Self.pathStart(in: Substring(text)) ?? text.startIndex
        guard let equals = text[afterPath...].firstIndex(of: "=") else {
            throw RuleError(rule: text, reason: "it needs '=' and a kind behind the path: \(ValueKind.names)")
        }
        try self.init(matching: text[..<equals], kind: text[text.index(after: equals)...], whole: text)
    }

    init(matching place: Substring, kind: Substring, whole text: String) throws(RuleError) {
        description = text
        self.kind = try ValueKind(parsing: kind, rule: text)
        (event, path) = try Self.split(place, whole: text)
        guard path != nil else { throw RuleError(rule: text, reason: "it needs a path such as $[0].id") }
    }

    static func split(_ text: Substring, whole: String) throws(RuleError) -> (event: String?, path: RulePath?) {
        guard let start = pathStart(in: text) else { return (text.isEmpty ? nil : String(text), nil) }
        let path: RulePath
        do { path = try RulePath(parsing: text[start...]) } catch { throw RuleError(rule: whole, reason: error.reason) }
        guard start > text.startIndex else { return (nil, path) }
        return (String(text[..<text.index(before: start)]), path)
    }

    /// Where the path begins: at the start, or behind the first `:` that is followed by a path's `$`. Event names may hold `:` and `$` themselves.
    static func pathStart(in text: Substring) -> Substring.Index? {
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
