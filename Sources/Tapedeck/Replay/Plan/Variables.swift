package import SocketIOWire

/// A value of the recording that has another form in every run of the server: it is bound when the server makes it anew, and its new
/// form is written into what the clients send afterwards.
package struct Variable: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case socketID = "socket id"
        case engineID = "engine id"
        /// First seen from the server, sent by a client later.
        case serverValue = "server value"
        /// Up to where a client that comes back has received.
        case recoveryOffset = "recovery offset"
        /// Kept off the tape; given for the replay, or made anew by the server.
        case secret
    }

    package let index: Int
    package let kind: Kind
    /// What it was in the recording: a string or an integer.
    package let recorded: JSONValue
    /// The packet of the recording that brought it first, and where in it; `nil` for engine ids.
    package let packetID: Int64?
    package let path: String
}

/// The variables of a recording and how to find them in its values.
package struct VariableTable: Sendable {
    package private(set) var variables: [Variable] = []
    private var whole: [String: Int] = [:]
    private var integers: [Int64: Int] = [:]
    private var inside = ValueIndex()
    /// Of the whole values, to dismiss most texts without making strings of them.
    private var fingerprints: Set<UInt64> = []
    private(set) var hasSecrets = false

    mutating func add(kind: Variable.Kind, string: String, packetID: Int64?, path: String) {
        guard !string.isEmpty, whole[string] == nil else { return }
        let index = variables.count
        variables.append(Variable(index: index, kind: kind, recorded: .string(string), packetID: packetID, path: path))
        whole[string] = index
        fingerprints.insert(Fingerprint.of(string))
        if kind == .secret { hasSecrets = true }
        if string.utf8.count >= ValueIndex.shortestInside {
            inside.insert(string, value: index, anywhere: kind != .serverValue)
        }
    }

    mutating func add(integer: Int64, packetID: Int64?, path: String) {
        guard integers[integer] == nil else { return }
        let index = variables.count
        variables.append(Variable(index: index, kind: .serverValue, recorded: .integer(integer), packetID: packetID, path: path))
        integers[integer] = index
    }

    func variable(forInteger integer: Int64) -> Int? { integers.isEmpty ? nil : integers[integer] }

    func variable(forWhole text: String) -> Int? { whole[text] }

    /// The secret that `text` stands for, if it is nothing else.
    func secret(forWhole text: String) -> Int? {
        guard hasSecrets, let index = whole[text], variables[index].kind == .secret else { return nil }
        return index
    }

    /// Where variables stand in `text`: as the whole of it, or inside.
    func occurrences(in text: String) -> [ValueIndex.Occurrence] {
        guard !variables.isEmpty else { return [] }
        if let index = whole[text] { return [.init(range: 0..<text.utf8.count, value: index)] }
        return inside.occurrences(in: text)
    }

    func mayBeVariable(_ fingerprint: UInt64) -> Bool { fingerprints.contains(fingerprint) }

    /// The same of what is still bytes.
    func occur(in arguments: RecordedArguments) -> Bool {
        guard !variables.isEmpty, !arguments.isEmpty else { return false }
        var search = Search(table: self)
        arguments.visit(&search)
        return search.isFound
    }

    private struct Search: TokenVisitor {
        let table: VariableTable
        var isFound = false

        mutating func string(_ utf8: UnsafeRawBufferPointer, isKey: Bool) {
            if isFound { return }
            isFound = table.fingerprints.contains(Fingerprint.of(utf8)) || table.inside.occur(in: utf8)
        }

        mutating func integer(_ value: Int64) { if !table.integers.isEmpty, table.integers[value] != nil { isFound = true } }
    }

    /// Whether a variable stands anywhere in `value`, keys of objects included.
    func occur(in value: JSONValue) -> Bool {
        guard !variables.isEmpty else { return false }
        switch value {
        case .string(let text): return !occurrences(in: text).isEmpty
        case .integer(let integer): return variable(forInteger: integer) != nil
        case .array(let elements): return elements.contains { occur(in: $0) }
        case .object(let object): return object.contains { !occurrences(in: $0.key).isEmpty || occur(in: $0.value) }
        default: return false
        }
    }
}

/// What the variables are in this run.
package struct Bindings: Sendable {
    /// Two values that differed in the recording became one.
    package struct CrossTalk: Sendable, Hashable {
        let first: Int
        let second: Int
        let value: String
    }

    private let table: VariableTable
    private var values: [JSONValue?]
    private var owner: [JSONValue: Int] = [:]
    private(set) var crossTalk: [CrossTalk] = []

    package init(table: VariableTable) {
        self.table = table
        values = Array(repeating: nil, count: table.variables.count)
    }

    func value(of variable: Int) -> JSONValue? { values[variable] }

    /// The variables that have a value now, and those among them whose value is another than in the recording.
    var counts: (bound: Int, changed: Int) {
        var bound = 0
        var changed = 0
        for (variable, value) in zip(table.variables, values) {
            guard let value else { continue }
            bound += 1
            if value != variable.recorded { changed += 1 }
        }
        return (bound, changed)
    }

    var all: [(variable: Variable, value: JSONValue?)] { Array(zip(table.variables, values)).map { (variable: $0.0, value: $0.1) } }

    /// The first value stays, unless the server itself says whose id it is (`overriding`).
    mutating func bind(_ variable: Int, to value: JSONValue, overriding: Bool = false) {
        if let old = values[variable] {
            guard overriding, old != value else { return }
            if owner[old] == variable { owner[old] = nil }
        }
        values[variable] = value
        // two people may well have the same password
        if table.variables[variable].kind == .secret { return }
        if let other = owner[value], other != variable {
            crossTalk.append(CrossTalk(first: other, second: variable, value: value.description))
        } else {
            owner[value] = variable
        }
    }

    /// `value` of the recording as it must be in this run. Variables without a value stay as they were recorded and are reported in `unbound`.
    func rewriting(_ value: JSONValue, unbound: inout Set<Int>) -> JSONValue {
        switch value {
        case .string(let text):
            if let secret = table.secret(forWhole: text), let bound = values[secret] { return bound }
            return .string(rewriting(text, unbound: &unbound))
        case .integer(let integer):
            guard let variable = table.variable(forInteger: integer) else { return value }
            guard let bound = values[variable] else {
                unbound.insert(variable)
                return value
            }
            return bound
        case .array(let elements): return .array(elements.map { rewriting($0, unbound: &unbound) })
        case .object(let object):
            var copy = JSONObject()
            for (key, element) in object { copy[rewriting(key, unbound: &unbound)] = rewriting(element, unbound: &unbound) }
            return .object(copy)
        default: return value
        }
    }

    func rewriting(_ text: String, unbound: inout Set<Int>) -> String {
        let occurrences = table.occurrences(in: text)
        guard !occurrences.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        for occurrence in occurrences {
            result += bytes[index..<occurrence.range.lowerBound]
            index = occurrence.range.upperBound
            if case .string(let bound)? = values[occurrence.value] {
                result += Array(bound.utf8)
            } else {
                unbound.insert(occurrence.value)
                result += bytes[occurrence.range]
            }
        }
        result += bytes[index...]
        return String(decoding: result, as: UTF8.self)
    }

    /// How a recorded text that may hold variables compares with what came: the values that unbound variables must have taken for the
    /// two to be equal, or `nil` where no value makes them equal.
    func matching(_ recorded: String, with text: String) -> [(variable: Int, value: String)]? {
        let occurrences = table.occurrences(in: recorded)
        if occurrences.isEmpty { return recorded == text ? [] : nil }
        let pattern = Array(recorded.utf8)
        let bytes = Array(text.utf8)
        var found: [(variable: Int, value: String)] = []
        var at = 0
        var literalStart = 0
        for (number, occurrence) in occurrences.enumerated() {
            let literal = pattern[literalStart..<occurrence.range.lowerBound]
            guard bytes[at...].starts(with: literal) else { return nil }
            at += literal.count
            literalStart = occurrence.range.upperBound
            let known = values[occurrence.value] ?? found.first { $0.variable == occurrence.value }.map { .string($0.value) }
            if case .string(let bound)? = known {
                let value = Array(bound.utf8)
                guard bytes[at...].starts(with: value) else { return nil }
                at += value.count
                continue
            }
            let next = number + 1 < occurrences.count ? occurrences[number + 1].range.lowerBound : pattern.count
            let following = Array(pattern[literalStart..<next])
            let isLast = number + 1 == occurrences.count
            guard let end = Self.end(of: at, in: bytes, before: following, atEnd: isLast), end > at else { return nil }
            found.append((occurrence.value, String(decoding: bytes[at..<end], as: UTF8.self)))
            at = end
        }
        guard bytes[at...].elementsEqual(pattern[literalStart...]) else { return nil }
        return found
    }

    /// Where a variable that begins at `start` ends: before the literal text that follows it.
    private static func end(of start: Int, in bytes: [UInt8], before literal: [UInt8], atEnd: Bool) -> Int? {
        if atEnd {
            let end = bytes.count - literal.count
            return end >= start && bytes[end...].elementsEqual(literal) ? end : nil
        }
        guard !literal.isEmpty else { return nil }
        var index = start + 1
        while index + literal.count <= bytes.count {
            if bytes[index..<index + literal.count].elementsEqual(literal) { return index }
            index += 1
        }
        return nil
    }
}
