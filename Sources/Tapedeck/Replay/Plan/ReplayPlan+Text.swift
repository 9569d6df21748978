import NIOCore
import SocketIOWire

extension ReplayPlan {
    /// The plan for people, one line per act and expectation, in the order of the recording. The same plan gives the same bytes.
    package func text() -> String {
        var text = ""
        write { text += $0 }
        return text
    }

    /// The same in pieces, for plans that are too long to be held twice.
    package func write<Failure: Error>(to output: (String) throws(Failure) -> Void) throws(Failure) {
        var lines: [String] = []
        lines.append(
            "lanes \(lanes.count), actions \(actions.count), expectations \(expectations.count), variables \(variables.variables.count)")
        for lane in lanes { lines.append("lane \(lane.index + 1): connection \(lane.connectionID), \(lane.transport.rawValue)") }
        for variable in variables.variables {
            let origin = variable.packetID.map { " from packet \($0) \(variable.path)" } ?? ""
            lines.append("variable {{\(variable.index)}}: \(variable.kind.rawValue) \(variable.recorded.shown)\(origin)")
        }
        for limit in limits { lines.append("limit: \(limit)") }
        var next = 0
        for action in actions {
            while next < action.after {
                lines.append(line(for: expectations[next]))
                next += 1
            }
            lines.append(line(for: action))
            if lines.count > 5000 {
                try output(lines.joined(separator: "\n") + "\n")
                lines.removeAll(keepingCapacity: true)
            }
        }
        for expectation in expectations[next...] { lines.append(line(for: expectation)) }
        try output(lines.joined(separator: "\n") + "\n")
    }

    /// `→ #3 lane 1 "/" emit 'join' ["r1"]`.
    package func line(for action: Action) -> String {
        "→ #\(action.index + 1) lane \(action.lane + 1)\(place(action.session, action.packetID)) \(action.title)\(show(action))"
    }

    package func line(for expectation: Expectation) -> String {
        let optional = expectation.isOptional ? " (ignored)" : ""
        return "←    lane \(expectation.lane + 1)\(place(expectation.session, expectation.packetID)) "
            + "\(expectation.title)\(show(expectation))\(optional)"
    }

    private func place(_ session: Int?, _ packetID: Int64?) -> String {
        let namespace = session.map { " \(sessions[$0].namespace)" } ?? ""
        return namespace + (packetID.map { " packet \($0)" } ?? "")
    }

    private func show(_ action: Action) -> String {
        switch action.kind {
        case .emit(_, let arguments, _), .answer(_, let arguments):
            show(arguments, holdsVariables: variables.occur(in: arguments)) ?? show(action.arguments)
        default: show(action.arguments)
        }
    }

    private func show(_ expectation: Expectation) -> String {
        switch expectation.kind {
        case .event(_, let arguments, _), .ack(_, _, let arguments):
            show(arguments, holdsVariables: expectation.holdsVariables) ?? show(expectation.arguments)
        default: show(expectation.arguments)
        }
    }

    /// Nearly always what is stored can be shown as it is.
    private func show(_ arguments: RecordedArguments, holdsVariables: Bool) -> String? {
        if arguments.isEmpty { return "" }
        guard !holdsVariables, !arguments.holdsAttachments else { return nil }
        return arguments.withText { text in
            guard text.count + 2 <= JSONValue.shownLength, text.allSatisfy({ $0 >= UInt8(ascii: " ") }) else { return nil }
            return " [\(String(decoding: text, as: UTF8.self))]"
        }
    }

    private func show(_ arguments: [JSONValue]) -> String {
        if arguments.isEmpty { return "" }
        let value = JSONValue.array(arguments)
        return " " + (variables.occur(in: value) ? masked(value) : value).shown
    }

    /// Variables as `{{0}}`.
    private func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): return .string(masked(text))
        case .integer(let integer): return variables.variable(forInteger: integer).map { .string("{{\($0)}}") } ?? value
        case .array(let elements): return .array(elements.map(masked))
        case .object(let object): return .object(JSONObject(object.map { (key: masked($0.key), value: masked($0.value)) }))
        default: return value
        }
    }

    private func masked(_ text: String) -> String {
        let occurrences = variables.occurrences(in: text)
        guard !occurrences.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result = ""
        var index = 0
        for occurrence in occurrences {
            result += String(decoding: bytes[index..<occurrence.range.lowerBound], as: UTF8.self) + "{{\(occurrence.value)}}"
            index = occurrence.range.upperBound
        }
        return result + String(decoding: bytes[index...], as: UTF8.self)
    }
}
