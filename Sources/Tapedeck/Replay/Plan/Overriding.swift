import SocketIOWire

/// Puts what the user has given in the place of what was recorded. Where a secret stood, it becomes known; so it is known wherever else
/// it stands, and no plan shows it.
struct Overriding {
    /// The values of secrets, by their variables.
    private(set) var secrets: [Int: JSONValue] = [:]
    private let options: ReplayOptions
    private let table: VariableTable
    private var isUsed: [Bool]

    init(options: ReplayOptions, table: VariableTable) {
        self.options = options
        self.table = table
        isUsed = options.overrides.map { _ in false }
        for (index, override) in options.overrides.enumerated() {
            guard case .secret(let name) = override.place, case .fixed(let value) = override.value,
                let variable = table.secret(forWhole: name)
            else { continue }
            secrets[variable] = value
            isUsed[index] = true
        }
    }

    var notes: [String] {
        zip(options.overrides, isUsed).compactMap { override, isUsed in
            isUsed ? nil : "what is set at '\(override)' has no place in what is sent"
        }
    }

    mutating func auth(_ recorded: [JSONValue], namespace: String) -> [JSONValue] {
        let given = (options.namespaceAuth[namespace] ?? options.auth).map { [$0] }
        if let given, let then = recorded.first { learn(from: then, given[0]) }
        return arguments(given ?? recorded, event: "connect")
    }

    /// Where the whole auth is given, what it hid is known, too.
    private mutating func learn(from recorded: JSONValue, _ given: JSONValue) {
        switch (recorded, given) {
        case (.string(let text), _):
            if let variable = table.secret(forWhole: text) { secrets[variable] = given }
        case (.object(let then), .object(let now)):
            for (key, value) in then { if let other = now[key] { learn(from: value, other) } }
        default: break
        }
    }

    /// What nothing is set in stays as it is stored.
    mutating func arguments(_ recorded: RecordedArguments, event: String) -> RecordedArguments {
        guard options.overrides.contains(where: { $0.speaks(of: event) }) else { return recorded }
        return RecordedArguments(arguments(recorded.values, event: event))
    }

    mutating func arguments(_ recorded: [JSONValue], event: String) -> [JSONValue] {
        var arguments = recorded
        for (index, override) in options.overrides.enumerated() where override.speaks(of: event) {
            guard case .path(_, let path) = override.place else { continue }
            var learned: [Int: JSONValue] = [:]
            var used = false
            let edit = PathEdit(path: path) { [table] old in
                used = true
                guard case .fixed(let value) = override.value else { return old }
                if case .string(let text) = old, let variable = table.secret(forWhole: text) {
                    learned[variable] = value
                    return old
                }
                return value
            }
            arguments = edit.applied(to: arguments)
            secrets.merge(learned) { $1 }
            if used { isUsed[index] = true }
        }
        return arguments
    }
}
