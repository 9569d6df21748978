import NIOCore
import SocketIOWire
import Tape

/// One place at which what came differs from what was recorded.
public struct ReplayDifference: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// It was there in the recording.
        case missing
        /// It was not there in the recording.
        case added
        /// Another type: a number that became a string.
        case type
        /// Another value of the same type.
        case value
    }

    public let kind: Kind
    /// Where, as `$[0].user.name`; `$` is the array of arguments.
    public let path: String
    /// What was recorded, in the terms of this run (ids rewritten), as JSON; binary as its length and its SHA-256.
    public let expected: String?
    /// What came.
    public let got: String?
}

/// Compares the arguments of a recorded packet with those that came: JSON equality under rules, with the variables of the recording
/// standing for their values in this run.
struct Comparison {
    let table: VariableTable
    let rules: RuleSet
    let bindings: Bindings

    struct Outcome {
        var differences: [ReplayDifference] = []
        /// What unbound variables would have to be.
        var proposals: [(variable: Int, value: JSONValue)] = []
        /// Rules that were needed, by index; only rules that made a difference count.
        var usedRules: [Int] = []

        var isEqual: Bool { differences.isEmpty }
    }

    /// - Parameters:
    ///   - event: the name that rules know the packet by; the answer to an event goes by the event's name.
    ///   - limit: stop after so many differences; 1 when only equality is asked for.
    func compare(_ expected: [JSONValue], with got: [JSONValue], event: String, holdsVariables: Bool, limit: Int = .max) -> Outcome {
        var walk = Walk(comparison: self, limit: limit)
        let cursor = rules.cursor(event: event)
        if cursor.isEmpty, !holdsVariables, expected == got { return walk.outcome }
        if let rule = rules.rule(at: cursor) {
            if expected != got { walk.outcome.usedRules.append(rule) }
            walk.bindSilently(.array(expected), .array(got))
            return walk.outcome
        }
        walk.compareElements(expected, got, path: JSONPath(), cursor: cursor)
        return walk.outcome
    }
}

/// One comparison under way.
private struct Walk {
    let comparison: Comparison
    let limit: Int
    var outcome = Comparison.Outcome()

    private var isDone: Bool { outcome.differences.count >= limit }

    init(comparison: Comparison, limit: Int) {
        self.comparison = comparison
        self.limit = limit
    }

    mutating func compareElements(_ expected: [JSONValue], _ got: [JSONValue], path: JSONPath, cursor: RuleCursor) {
        for index in 0..<max(expected.count, got.count) {
            if isDone { return }
            // not `nil`: as a literal that could be JSON's null
            let left: JSONValue? = index < expected.count ? .some(expected[index]) : .none
            let right: JSONValue? = index < got.count ? .some(got[index]) : .none
            compare(
                left, right,
                path: path.appending(index: index), cursor: comparison.rules.step(cursor, intoIndex: index))
        }
    }

    private mutating func compareMembers(_ expected: JSONObject, _ got: JSONObject, path: JSONPath, cursor: RuleCursor) {
        var seen: Set<String> = []
        for (recordedKey, value) in expected {
            if isDone { return }
            var unbound: Set<Int> = []
            let key = comparison.bindings.rewriting(recordedKey, unbound: &unbound)
            seen.insert(key)
            compare(value, got[key], path: path.appending(key: key), cursor: comparison.rules.step(cursor, intoKey: key))
        }
        for (key, value) in got where !seen.contains(key) {
            if isDone { return }
            compare(nil, value, path: path.appending(key: key), cursor: comparison.rules.step(cursor, intoKey: key))
        }
    }

    private mutating func compare(_ expected: JSONValue?, _ got: JSONValue?, path: JSONPath, cursor: RuleCursor) {
        if let rule = comparison.rules.rule(at: cursor), applies(rule, expected, got, path: path) { return }
        switch (expected, got) {
        case (nil, nil): return
        case (let expected?, nil): add(.missing, path, expected, nil)
        case (nil, let got?): add(.added, path, nil, got)
        case (.array(let left)?, .array(let right)?): compareElements(left, right, path: path, cursor: cursor)
        case (.object(let left)?, .object(let right)?): compareMembers(left, right, path: path, cursor: cursor)
        case (let expected?, let got?): compareLeaves(expected, got, path: path)
        }
    }

    /// Whether the rule settles this place. A kind that is not met is a difference that names the kind.
    private mutating func applies(_ rule: Int, _ expected: JSONValue?, _ got: JSONValue?, path: JSONPath) -> Bool {
        if let expected, let got { bindSilently(expected, got) }
        guard let kind = comparison.rules.rules[rule].kind else {
            if expected != got { outcome.usedRules.append(rule) }
            return true
        }
        guard let expected, let got else { return false }
        switch (kind, expected, got) {
        case (.unordered, .array(let left), .array(let right)):
            compareUnordered(left, right, path: path, rule: rule)
            return true
        case (.unordered, _, _): return false
        case (.subset, _, _):
            compareSubset(expected, got, path: path, rule: rule)
            return true
        default: break
        }
        if kind.accepts(got, insteadOf: expected) {
            if expected != got { outcome.usedRules.append(rule) }
        } else {
            outcome.differences.append(
                ReplayDifference(kind: .value, path: path.description, expected: kind.description, got: got.shown))
        }
        return true
    }

    /// Each recorded element takes the first of those that came which equals it; what is left on either side differs.
    private mutating func compareUnordered(_ expected: [JSONValue], _ got: [JSONValue], path: JSONPath, rule: Int) {
        var left = Array(got.enumerated())
        var isMoved = false
        for (index, value) in expected.enumerated() {
            let place = left.firstIndex { candidate in
                var walk = Walk(comparison: comparison, limit: 1)
                walk.compare(value, candidate.element, path: path, cursor: RuleCursor(states: []))
                return walk.outcome.isEqual
            }
            guard let place else {
                add(.missing, path.appending(index: index), value, nil)
                continue
            }
            var walk = Walk(comparison: comparison, limit: 1)
            walk.compare(value, left[place].element, path: path, cursor: RuleCursor(states: []))
            outcome.proposals += walk.outcome.proposals
            if left[place].offset != index { isMoved = true }
            left.remove(at: place)
        }
        for (index, value) in left { add(.added, path.appending(index: index), nil, value) }
        if isMoved { outcome.usedRules.append(rule) }
    }

    private mutating func compareSubset(_ expected: JSONValue, _ got: JSONValue, path: JSONPath, rule: Int) {
        var walk = Walk(comparison: comparison, limit: .max)
        walk.compare(expected, got, path: path, cursor: RuleCursor(states: []))
        let added = walk.outcome.differences.count { $0.kind == .added }
        outcome.differences += walk.outcome.differences.filter { $0.kind != .added }
        outcome.proposals += walk.outcome.proposals
        if added > 0 { outcome.usedRules.append(rule) }
    }

    /// A value that a client sent back later is carried over even where it is not compared.
    mutating func bindSilently(_ expected: JSONValue, _ got: JSONValue) {
        guard comparison.table.occur(in: expected) else { return }
        var silent = Walk(comparison: Comparison(table: comparison.table, rules: RuleSet(), bindings: comparison.bindings), limit: .max)
        silent.compare(expected, got, path: JSONPath(), cursor: RuleCursor(states: []))
        outcome.proposals += silent.outcome.proposals
    }

    private mutating func compareLeaves(_ expected: JSONValue, _ got: JSONValue, path: JSONPath) {
        if case .string(let recorded) = expected, let secret = comparison.table.secret(forWhole: recorded) {
            guard let bound = comparison.bindings.value(of: secret) else { return outcome.proposals.append((secret, got)) }
            if bound != got { add(.value, path, expected, got) }
            return
        }
        switch (expected, got) {
        case (.string(let recorded), .string(let text)):
            guard let proposals = comparison.bindings.matching(recorded, with: text) else { return add(.value, path, expected, got) }
            propose(proposals)
        case (.integer(let integer), .integer), (.integer(let integer), .number):
            guard let variable = comparison.table.variable(forInteger: integer) else {
                if expected != got { add(.value, path, expected, got) }
                return
            }
            if let bound = comparison.bindings.value(of: variable) {
                if bound != got { add(.value, path, expected, got) }
            } else {
                outcome.proposals.append((variable, got))
            }
        default:
            if expected == got { return }
            add(expected.typeName == got.typeName ? .value : .type, path, expected, got)
        }
    }

    private mutating func propose(_ proposals: [(variable: Int, value: String)]) {
        for (variable, value) in proposals { outcome.proposals.append((variable, .string(value))) }
    }

    private mutating func add(_ kind: ReplayDifference.Kind, _ path: JSONPath, _ expected: JSONValue?, _ got: JSONValue?) {
        var unbound: Set<Int> = []
        let rewritten = expected.map { comparison.bindings.rewriting($0, unbound: &unbound) }
        outcome.differences.append(
            ReplayDifference(kind: kind, path: path.description, expected: rewritten?.shown, got: got?.shown))
    }
}

extension JSONValue {
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        case .binary: "binary"
        }
    }

    /// For people: JSON, long values cut, binary as its length and the SHA-256 of its bytes.
    var shown: String {
        // nearly always: then the wire's own writer does it in one pass
        guard holdsBinary else { return Self.cut(description) }
        switch self {
        case .binary(let bytes):
            let hash = SHA256.hash(Array(bytes.readableBytesView)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return "<\(bytes.readableBytes) bytes, sha256 \(hash)>"
        case .array(let elements): return Self.cut("[" + elements.map(\.shown).joined(separator: ",") + "]")
        case .object(let object):
            return Self.cut("{" + object.map { "\(JSONValue.string($0.key).description):\($0.value.shown)" }.joined(separator: ",") + "}")
        default: return Self.cut(description)
        }
    }

    private var holdsBinary: Bool {
        switch self {
        case .binary: true
        case .array(let elements): elements.contains(where: \.holdsBinary)
        case .object(let object): object.contains { $0.value.holdsBinary }
        default: false
        }
    }

    /// Longer texts are cut, in bytes.
    static let shownLength = 400

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > shownLength else { return text }
        return "\(text.prefix(shownLength))… (\(text.utf8.count) bytes)"
    }
}
