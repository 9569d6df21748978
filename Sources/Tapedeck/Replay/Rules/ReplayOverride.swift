public import SocketIOWire
import Tape

/// What is sent instead of what was recorded: one value of `--set`.
///
/// - `login:$[0].name=bob`: in what is sent as `login`.
/// - `connect:$.token=letmein`: in the auth of each connect that has such a value.
/// - `redacted-0123456789abcdef=letmein`: wherever this secret, which is not on the tape, is sent.
public struct ReplayOverride: Sendable, Hashable, CustomStringConvertible {
    enum Place: Sendable, Hashable {
        case path(event: String?, RulePath)
        case secret(String)
    }

    enum Value: Sendable, Hashable {
        case fixed(JSONValue)
        /// A time, moved by the distance between the recording and now.
        case refreshed
    }

    /// As it was written, without the value.
    public let description: String
    let place: Place
    let value: Value

    /// - Parameters:
    ///   - place: `EVENT:PATH`, `PATH` for every event and auth, or a secret's name on the tape.
    ///   - value: what stands there from now on.
    /// - Throws: ``RuleError`` that says what is wrong with the place.
    public init(_ place: String, to value: JSONValue) throws(RuleError) {
        try self.init(place: place, .fixed(value))
    }

    /// A time that clients send, ISO 8601 or Unix, is moved by the distance between the recording and now.
    /// - Throws: ``RuleError`` that says what is wrong with the place.
    public init(refreshing place: String) throws(RuleError) {
        try self.init(place: place, .refreshed)
    }

    /// Parses what stands behind `--set`: `EVENT:PATH=VALUE`. The value is JSON; what is no JSON is a string.
    /// - Throws: ``RuleError`` that says what is wrong with the text.
    public init(parsing text: String) throws(RuleError) {
        let afterPath = ReplayRule.pathStart(in: Substring(text)) ?? text.startIndex
        guard let equals = text[afterPath...].firstIndex(of: "=") else {
            throw RuleError(rule: text, reason: "it needs '=' and a value behind the path")
        }
        let value = String(text[text.index(after: equals)...])
        try self.init(place: String(text[..<equals]), .fixed((try? JSONValue(parsing: value)) ?? .string(value)))
    }

    private init(place text: String, _ value: Value) throws(RuleError) {
        description = text
        self.value = value
        if text.hasPrefix(RedactedValue.prefix), RedactedValue.hashes(in: text).count == 1, !text.contains("$") {
            place = .secret(text)
            return
        }
        let (event, path) = try ReplayRule.split(Substring(text), whole: text)
        guard let path else { throw RuleError(rule: text, reason: "it needs a path such as $[0].id") }
        place = .path(event: event, path)
    }

    func speaks(of event: String) -> Bool {
        if case .path(let own, _) = place { own == nil || own == event } else { false }
    }
}

/// Goes through the arguments of a packet and changes the places that a path names.
struct PathEdit {
    let path: RulePath
    let change: (JSONValue) -> JSONValue

    func applied(to arguments: [JSONValue]) -> [JSONValue] {
        guard case .array(let changed) = walk(.array(arguments), path.start()) else { return arguments }
        return changed
    }

    private func walk(_ value: JSONValue, _ positions: [Int]) -> JSONValue {
        if positions.isEmpty { return value }
        if path.isComplete(positions) { return change(value) }
        switch value {
        case .array(let elements):
            return .array(elements.enumerated().map { walk($1, path.step(positions, intoIndex: $0)) })
        case .object(let object):
            var copy = JSONObject()
            for (key, element) in object { copy[key] = walk(element, path.step(positions, intoKey: key)) }
            return .object(copy)
        default: return value
        }
    }
}
