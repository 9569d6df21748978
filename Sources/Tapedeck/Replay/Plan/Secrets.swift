import SocketIOWire
import Tape

/// The secrets of a recording: values that were kept off the tape and that its clients have to send again.
///
/// A secret that the server made is carried over like any other of its values. One that a client sent first must be given; all that
/// are missing are named at once, before anything is opened.
struct Secrets {
    private var asked: [(variable: Int, place: String)] = []
    private var known: [Int: JSONValue]
    private let table: VariableTable
    private var seen: Set<Int> = []
    private var fromServer: Set<Int> = []

    init(table: VariableTable, known: [Int: JSONValue]) {
        self.table = table
        self.known = known
    }

    /// Where the secrets stand that nobody has given.
    var missing: [String] { asked.filter { known[$0.variable] == nil }.map(\.place) }

    mutating func learn(_ secrets: [Int: JSONValue]) { known = secrets }

    mutating func received(_ values: [JSONValue]) {
        guard table.hasSecrets else { return }
        for value in values { fromServer.formUnion(Self.secrets(in: value, table).map(\.variable)) }
    }

    /// - Parameter what: whose, as in `the auth of session 2`.
    mutating func sent(_ values: [JSONValue], _ what: @autoclosure () -> String) {
        guard table.hasSecrets else { return }
        for (index, value) in values.enumerated() {
            for (variable, path) in Self.secrets(in: value, table, JSONPath(argument: index)) {
                guard known[variable] == nil, !fromServer.contains(variable), seen.insert(variable).inserted else { continue }
                asked.append((variable, "\(what()) at \(path): \(table.variables[variable].recorded.stringValue ?? "")"))
            }
        }
    }

    static func secrets(
        in value: JSONValue, _ table: VariableTable, _ path: JSONPath = JSONPath()
    ) -> [(variable: Int, path: JSONPath)] {
        switch value {
        case .string(let text):
            guard text.contains(RedactedValue.prefix) else { return [] }
            return table.occurrences(in: text).filter { table.variables[$0.value].kind == .secret }.map { ($0.value, path) }
        case .array(let elements):
            return elements.enumerated().flatMap { secrets(in: $1, table, path.appending(index: $0)) }
        case .object(let object): return object.flatMap { secrets(in: $0.value, table, path.appending(key: $0.key)) }
        default: return []
        }
    }
}
