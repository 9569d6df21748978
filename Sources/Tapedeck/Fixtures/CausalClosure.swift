import SocketIOWire

/// What chosen sessions need of the others, so that a tape with them alone still replays.
public enum CausalClosure {
    /// The chosen sessions and those that they causally need: whose acts made the server send them something, and who got a value first that
    /// they sent later. Which act caused what is inferred, as for a mock.
    ///
    /// - Throws: ``ReplayError`` if the tape cannot be read.
    public static func sessions(_ chosen: [Int64], tape: String) throws(ReplayError) -> [Int64] {
        let recording = try Recording(tape: tape)
        return sessions(chosen, in: PlanBuilder.plan(for: recording, options: ReplayOptions()))
    }

    static func sessions(_ chosen: [Int64], in plan: ReplayPlan) -> [Int64] {
        let needs = needs(in: plan)
        var found = Set(chosen)
        var open = chosen
        while let session = open.popLast() {
            for other in needs[session] ?? [] where found.insert(other).inserted { open.append(other) }
        }
        return found.sorted()
    }

    /// Which sessions each session needs directly.
    private static func needs(in plan: ReplayPlan) -> [Int64: Set<Int64>] {
        var needs: [Int64: Set<Int64>] = [:]
        func id(_ session: Int?) -> Int64? { session.flatMap { plan.sessions[$0].sessionID } }
        var causes = MockCauses(plan: plan)
        var firstReceiver: [Int64: Int64] = [:]
        for expectation in plan.expectations {
            guard let receiver = id(expectation.session) else { continue }
            if let packet = expectation.packetID { firstReceiver[packet] = receiver }
            guard let cause = causes.cause(of: expectation) else { continue }
            let sender = id(plan.actions[cause].session) ?? plan.sessions.last { $0.lane == plan.actions[cause].lane }?.sessionID
            if let sender, sender != receiver { needs[receiver, default: []].insert(sender) }
        }
        guard !plan.variables.variables.isEmpty else { return needs }
        for action in plan.actions {
            guard let sender = id(action.session) else { continue }
            for value in action.arguments {
                for variable in plan.variables.variables(in: value) {
                    guard let packet = plan.variables.variables[variable].packetID, let other = firstReceiver[packet], other != sender
                    else {
                        continue
                    }
                    needs[sender, default: []].insert(other)
                }
            }
        }
        return needs
    }
}

extension VariableTable {
    /// The variables that stand anywhere in a value.
    func variables(in value: JSONValue) -> [Int] {
        switch value {
        case .string(let text): occurrences(in: text).map(\.value)
        case .integer(let integer): variable(forInteger: integer).map { [$0] } ?? []
        case .array(let elements): elements.flatMap { variables(in: $0) }
        case .object(let object): object.flatMap { occurrences(in: $0.key).map(\.value) + variables(in: $0.value) }
        default: []
        }
    }
}
