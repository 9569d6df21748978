import Foundation
import SocketIOWire
import Yams

/// A file of rules: which differences do not matter, what values must look like, and what is sent instead of what was recorded.
///
/// ```yaml
/// ignore:
///   - "chat message:$[0].at"
/// match:
///   "chat message:$[0].id": uuid
/// set:
///   "connect:$.token": {env: APP_TOKEN}
/// refresh:
///   - "book:$[0].date"
/// ```
public struct ReplayRules: Sendable {
    /// From `ignore` and `match`.
    public private(set) var rules: [ReplayRule] = []
    /// From `set` and `refresh`.
    public private(set) var overrides: [ReplayOverride] = []

    static let sections = ["version", "ignore", "match", "set", "refresh"]

    /// Reads a file.
    /// - Parameter environment: where `{env: NAME}` is looked up; `nil`: the process's.
    /// - Throws: ``RulesFileError`` that names the line.
    public init(file path: String, environment: [String: String]? = nil) throws(RulesFileError) {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw RulesFileError(file: path, line: nil, reason: "it cannot be read: \(error.localizedDescription)")
        }
        try self.init(yaml: text, file: path, environment: environment)
    }

    /// Reads the text of such a file.
    /// - Parameter file: what errors call it.
    /// - Throws: ``RulesFileError`` that names the line.
    public init(
        yaml text: String, file: String = "rules", environment: [String: String]? = nil
    ) throws(RulesFileError) {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            let (line, reason) = Self.place(of: error)
            throw RulesFileError(file: file, line: line, reason: reason)
        }
        // a file of comments only
        guard let root, root.null == nil else { return }
        try read(root, RulesFile(name: file, environment: environment ?? ProcessInfo.processInfo.environment))
    }

    private static func place(of error: any Error) -> (line: Int?, reason: String) {
        guard let error = error as? YamlError else { return (nil, "\(error)") }
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            return (mark.line, "it is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return (context.mark.line, "a key is there twice: \(duplicates.joined(separator: ", "))")
        default: return (nil, "it is not YAML: \(error)")
        }
    }

    private mutating func read(_ root: Node, _ file: RulesFile) throws(RulesFileError) {
        guard let mapping = root.mapping else { throw file.error(root, "it must be a mapping with the keys \(Self.list(Self.sections))") }
        for (key, value) in mapping {
            let name = try file.text(key)
            switch name {
            case "version":
                guard value.int == 1 else { throw file.error(value, "the only version is 1") }
            case "ignore":
                for node in try file.list(value, of: name) {
                    rules.append(try file.reading(node) { text throws(RuleError) in try ReplayRule(ignoring: text) })
                }
            case "match":
                for (place, kind) in try file.pairs(value, of: name) {
                    let kindText = try file.text(kind)
                    rules.append(
                        try file.reading(place) { text throws(RuleError) in
                            try ReplayRule(matching: Substring(text), kind: Substring(kindText), whole: "\(text)=\(kindText)")
                        })
                }
            case "set":
                for (place, node) in try file.pairs(value, of: name) {
                    let given = try file.value(node)
                    overrides.append(try file.reading(place) { text throws(RuleError) in try ReplayOverride(text, to: given) })
                }
            case "refresh":
                for node in try file.list(value, of: name) {
                    overrides.append(try file.reading(node) { text throws(RuleError) in try ReplayOverride(refreshing: text) })
                }
            default: throw file.error(key, "'\(name)' is none of \(Self.list(Self.sections))")
            }
        }
    }

    private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}

/// Why a file of rules cannot be read.
public struct RulesFileError: Error, Hashable, CustomStringConvertible {
    public let file: String
    /// From 1.
    public let line: Int?
    public let reason: String

    public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)" }
}

/// The nodes of one file, with errors that know where they stand.
private struct RulesFile {
    let name: String
    let environment: [String: String]

    func error(_ node: Node, _ reason: String) -> RulesFileError {
        RulesFileError(file: name, line: node.mark?.line, reason: reason)
    }

    func text(_ node: Node) throws(RulesFileError) -> String {
        guard let scalar = node.scalar else { throw error(node, "a text is expected here") }
        return scalar.string
    }

    func list(_ node: Node, of section: String) throws(RulesFileError) -> [Node] {
        if node.null != nil { return [] }
        guard let sequence = node.sequence else { throw error(node, "'\(section)' takes a list, each line beginning with '- '") }
        return Array(sequence)
    }

    func pairs(_ node: Node, of section: String) throws(RulesFileError) -> [(Node, Node)] {
        if node.null != nil { return [] }
        guard let mapping = node.mapping else { throw error(node, "'\(section)' takes lines of the form \"EVENT:PATH\": VALUE") }
        return mapping.map { ($0.key, $0.value) }
    }

    func reading<Rule>(_ node: Node, _ read: (String) throws(RuleError) -> Rule) throws(RulesFileError) -> Rule {
        let text = try text(node)
        do { return try read(text) } catch { throw self.error(node, error.description) }
    }

    /// A value to send: any JSON, or `{env: NAME}`.
    func value(_ node: Node) throws(RulesFileError) -> JSONValue {
        if let mapping = node.mapping {
            if mapping.count == 1, let variable = mapping.first, variable.key.string == "env" {
                let name = try text(variable.value)
                guard let value = environment[name] else { throw error(node, "the environment variable \(name) is not set") }
                return .string(value)
            }
            var object = JSONObject()
            for (key, value) in mapping { object[try text(key)] = try self.value(value) }
            return .object(object)
        }
        if let sequence = node.sequence {
            var values: [JSONValue] = []
            for element in sequence { values.append(try value(element)) }
            return .array(values)
        }
        return scalar(node)
    }

    private func scalar(_ node: Node) -> JSONValue {
        guard let scalar = node.scalar else { return .null }
        guard scalar.style == .plain else { return .string(scalar.string) }
        if node.null != nil { return .null }
        // only what JSON calls so: a plain yes, no, on or 0x10 is a text
        return (try? JSONValue(parsing: scalar.string)) ?? .string(scalar.string)
    }
}
