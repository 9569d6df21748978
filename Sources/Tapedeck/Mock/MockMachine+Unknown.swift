import SocketIOWire

/// What is said about an act that the tape does not know: the recorded one that comes nearest, and where it differs.
extension MockMachine {
    /// So many candidates are compared; a client's packet costs no more than that.
    private static let compared = 200

    func unknownConnect(_ arrival: Arrival) -> UnknownAct {
        let sessions = (script.sessions[arrival.namespace] ?? []).prefix(Self.compared)
        let candidates = sessions.compactMap { script.connects[$0] }
        return UnknownAct(
            what: "connect", arguments: arrival.auth == [:] ? "" : "with auth \(arrival.auth.shown)", namespace: arrival.namespace,
            session: nil, nearest: nearest(among: candidates, [arrival.auth], Bindings(table: script.table)),
            note: "it was refused; if the auth may differ, say --ignore 'connect:$' or a path in it")
    }

    func unknownEmit(_ player: MockPlayer, event: String, arguments: [JSONValue], wantsAck: Bool) -> UnknownAct {
        let place = MockScript.Place(namespace: player.namespace, event: event)
        let bySession = script.emits[place] ?? [:]
        var candidates = Array((bySession[player.session] ?? []).prefix(Self.compared))
        for session in bySession.keys.sorted() where session != player.session && candidates.count < 2 * Self.compared {
            candidates += (bySession[session] ?? []).prefix(Self.compared)
        }
        let known = nearest(among: candidates, arguments, stages[player.stage]?.bindings ?? Bindings(table: script.table))
        return UnknownAct(
            what: "emit '\(event)'" + (wantsAck ? " with an ack" : ""), arguments: Self.shown(arguments), namespace: player.namespace,
            session: script.plan.sessions[player.session].label, nearest: known,
            note: known == nil ? similarName(place) : nil)
    }

    /// The client asks for an ack where the recorded one did not.
    func unansweredEmit(_ player: MockPlayer, event: String, arguments: [JSONValue], match: Int) -> UnknownAct {
        UnknownAct(
            what: "the ack of emit '\(event)'", arguments: Self.shown(arguments), namespace: player.namespace,
            session: script.plan.sessions[player.session].label, nearest: nearest(match, []),
            note: "it was recorded without one, so there is no answer; what else followed it is sent")
    }

    func unknownAnswer(_ player: MockPlayer, request: Int, arguments: [JSONValue]) -> UnknownAct {
        let event = script.plan.expectations[request].ruleName
        var known: UnknownAct.Nearest?
        if let answer = script.answers[request] {
            let bindings = stages[player.stage]?.bindings ?? Bindings(table: script.table)
            known = nearest(answer, differences(answer, arguments, bindings))
        }
        return UnknownAct(
            what: "the answer to '\(event)'", arguments: Self.shown(arguments), namespace: player.namespace,
            session: script.plan.sessions[player.session].label, nearest: known,
            note: known == nil ? "the recorded client did not answer" : nil)
    }

    private static func shown(_ arguments: [JSONValue]) -> String { arguments.isEmpty ? "" : JSONValue.array(arguments).shown }

    /// The fewest differences; of several the first.
    private func nearest(among candidates: [Int], _ arguments: [JSONValue], _ bindings: Bindings) -> UnknownAct.Nearest? {
        var best: (action: Int, differences: [ReplayDifference])?
        for action in candidates {
            let found = differences(action, arguments, bindings)
            if found.count < best?.differences.count ?? .max { best = (action, found) }
        }
        return best.map { nearest($0.action, $0.differences) }
    }

    private func differences(_ action: Int, _ arguments: [JSONValue], _ bindings: Bindings) -> [ReplayDifference] {
        equality.compare(script.plan.actions[action], arguments, bindings).differences
    }

    private func nearest(_ action: Int, _ differences: [ReplayDifference]) -> UnknownAct.Nearest {
        let recorded = script.plan.actions[action]
        return UnknownAct.Nearest(
            what: recorded.title, session: recorded.session.map { script.plan.sessions[$0].label } ?? "connection \(recorded.lane + 1)",
            packetID: recorded.packetID, at: recorded.at, differences: differences)
    }

    private func similarName(_ place: MockScript.Place) -> String {
        let names = Set(script.emits.keys.filter { $0.namespace == place.namespace }.map(\.event))
        let best = names.map { (name: $0, distance: Self.distance($0, place.event)) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        guard let best, best.distance <= max(2, place.event.count / 3) else {
            return "no client emitted such an event in the recording"
        }
        return "no client emitted such an event in the recording; there is '\(best.name)'"
    }

    /// Letters to change, add or take away; long names are compared by their first 64 letters.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.prefix(64)), Array(right.prefix(64)))
        var row = Array(0...right.count)
        for (i, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (letter == other ? 0 : 1))
                (diagonal, row[j + 1]) = (row[j + 1], next)
            }
        }
        return row[right.count]
    }
}

extension ReplayPlan.Action {
    var isConnect: Bool {
        if case .connect = kind { return true }
        return false
    }
}
