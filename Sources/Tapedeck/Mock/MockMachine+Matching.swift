import SocketIOWire

/// Which recorded act a client's act is.
extension MockMachine {
    struct Part {
        let stage: Int
        let session: Int
    }

    struct Match {
        let action: Int
        /// The client does it for the first time, in its own part.
        let isFirst: Bool
    }

    // MARK: Connects

    /// Whom a client that comes is to play: a recorded session of that namespace with the same auth, which nobody plays. First on the stage
    /// and in the connection that the client is on already, then what has not been played yet, then over the same transport, then in the
    /// recorded order.
    func part(for arrival: Arrival) -> Part? {
        let fitting = (script.sessions[arrival.namespace] ?? []).filter { equality.isFitting($0, auth: arrival.auth) }
        guard !fitting.isEmpty else { return nil }
        let own = players.values.first { $0.connection == arrival.connection }
        if let own, let stage = stages[own.stage] {
            let lane = script.plan.sessions[own.session].lane
            let free = fitting.filter { stage.players[$0] == nil }
            if let session = best(free.filter { script.plan.sessions[$0].lane == lane }, arrival, stage) ?? best(free, arrival, stage) {
                return Part(stage: own.stage, session: session)
            }
        }
        for (number, stage) in stages.sorted(by: { $0.key < $1.key }) {
            // connections stand for people: one whose connection somebody plays is taken
            let taken = Set(stage.players.keys.map { script.plan.sessions[$0].lane })
            let free = fitting.filter { stage.players[$0] == nil && !taken.contains(script.plan.sessions[$0].lane) }
            if let session = best(free, arrival, stage) { return Part(stage: number, session: session) }
        }
        let session = best(fitting, arrival, MockStage(script: script)) ?? fitting[0]
        return Part(stage: (stages.keys.max() ?? -1) + 1, session: session)
    }

    private func best(_ sessions: [Int], _ arrival: Arrival, _ stage: MockStage) -> Int? {
        func began(_ session: Int) -> String {
            script.plan.lanes[script.plan.sessions[session].lane].transport == .webSocket ? "websocket" : "polling"
        }
        func rank(_ session: Int) -> Int {
            (stage.isPlayed(session) ? 2 : 0) + (arrival.transport == nil || arrival.transport == began(session) ? 0 : 1)
        }
        return sessions.min { (rank($0), $0) < (rank($1), $1) }
    }

    // MARK: Emits

    /// The strongest match; a part may change hands for it.
    mutating func match(_ player: MockPlayer, event: String, arguments: [JSONValue], wantsAck: Bool) -> Match? {
        let place = MockScript.Place(namespace: player.namespace, event: event)
        guard script.emits[place] != nil else { return nil }
        return match(player, place, arguments) { script, action in script.wantsAck(action) == wantsAck }
            ?? match(player, place, arguments) { script, action in script.wantsAck(action) != wantsAck }
    }

    private mutating func match(
        _ player: MockPlayer, _ place: MockScript.Place, _ arguments: [JSONValue], _ isAllowed: (MockScript, Int) -> Bool
    ) -> Match? {
        let stage = stages[player.stage] ?? MockStage(script: script)
        let equality = equality
        func fits(_ action: Int, _ bindings: Bindings) -> Bool {
            isAllowed(equality.script, action) && equality.isEqual(action, arguments, bindings)
        }
        if let action = stages[player.stage]?.firstUndone(place, of: player.session, script, where: { fits($0, stage.bindings) }) {
            return Match(action: action, isFirst: true)
        }
        let others = (script.emits[place] ?? [:]).keys.filter { $0 != player.session }.sorted()
        for other in others where mayRecast(player, as: other) {
            let bindings = stage.bindings(exchanging: player.session, other, script)
            if let action = stages[player.stage]?.firstUndone(place, of: other, script, where: { fits($0, bindings) }) {
                recast(player, as: other)
                return Match(action: action, isFirst: true)
            }
        }
        if let action = script.emits[place]?[player.session]?.first(where: { fits($0, stage.bindings) }) {
            return Match(action: action, isFirst: false)
        }
        for other in others {
            let bindings = stage.bindings(exchanging: player.session, other, script)
            guard let actions = script.emits[place]?[other] else { continue }
            if let action = actions.first(where: { !stage.isDone($0) && fits($0, bindings) })
                ?? actions.first(where: { fits($0, bindings) })
            {
                return Match(action: action, isFirst: false)
            }
        }
        return nil
    }

    /// Whether a client may turn out to be somebody else: it has done nothing that the other has not done too, and if the other's part is
    /// taken, by somebody who has done nothing yet and fits into this one's.
    private func mayRecast(_ player: MockPlayer, as other: Int) -> Bool {
        guard equality.isFitting(other, auth: player.auth), script.connect(of: other).answer?.isRefusal != true else { return false }
        // a connection with several namespaces stays whom it is
        guard !players.values.contains(where: { $0.connection == player.connection && $0.socket != player.socket }) else { return false }
        if let socket = stages[player.stage]?.players[other] {
            guard let rival = players[socket], rival.emits.isEmpty, equality.isFitting(player.session, auth: rival.auth) else {
                return false
            }
            guard !players.values.contains(where: { $0.connection == rival.connection && $0.socket != rival.socket }) else { return false }
        }
        return counterparts(of: player.emits, in: other) != nil
    }

    /// The emits of another session that are the same as these, each taken once.
    private func counterparts(of emits: [Int], in session: Int) -> [Int]? {
        var found: [Int] = []
        for emit in emits {
            guard case .emit(let event, let arguments, _) = script.plan.actions[emit].kind,
                let recorded = script.plan.actions[emit].session
            else { return nil }
            let place = MockScript.Place(namespace: script.plan.sessions[recorded].namespace, event: event)
            let equal = script.emits[place]?[session]?.first { candidate in
                guard !found.contains(candidate), case .emit(_, let others, _) = script.plan.actions[candidate].kind else { return false }
                return others.values == arguments.values && script.wantsAck(candidate) == script.wantsAck(emit)
            }
            guard let equal else { return nil }
            found.append(equal)
        }
        return found
    }

    private mutating func recast(_ player: MockPlayer, as other: Int) {
        var (first, second) = (player, stages[player.stage]?.players[other].flatMap { players[$0] })
        let emits = counterparts(of: player.emits, in: other) ?? []
        second?.session = player.session
        first.session = other
        first.emits = emits
        stages[player.stage]?.swap(player.session, other, players: [first] + (second.map { [$0] } ?? []), script)
        for emit in emits { _ = stages[player.stage]?.finish(emit) }
        players[first.socket] = first
        if let second { players[second.socket] = second }
    }
}

/// Whether a live act is the recorded one: replay's comparison, the other way round.
struct MockEquality: Sendable {
    let script: MockScript
    let rules: RuleSet
    /// Nothing is known of any id.
    private let open: Bindings

    init(script: MockScript, rules: RuleSet) {
        self.script = script
        self.rules = rules
        open = Bindings(table: script.table)
    }

    func isEqual(_ action: Int, _ arguments: [JSONValue], _ bindings: Bindings?) -> Bool {
        let recorded = script.plan.actions[action]
        // as it was recorded is right too: it may have been sent before somebody came who has another id now
        if recorded.arguments == arguments { return true }
        guard let bindings else { return false }
        return compare(recorded, arguments, bindings, holdsVariables: script.holdsVariables[action], limit: 1).isEqual
    }

    func isFitting(_ session: Int, auth: JSONValue) -> Bool {
        guard let connect = script.connects[session] else { return false }
        return compare(script.plan.actions[connect], [auth], open, limit: 1).isEqual
    }

    func compare(
        _ action: ReplayPlan.Action, _ arguments: [JSONValue], _ bindings: Bindings, holdsVariables: Bool = true, limit: Int = .max
    ) -> Comparison.Outcome {
        // no auth and an empty one are the same
        let recorded = action.arguments.isEmpty && action.isConnect ? [[:]] : action.arguments
        return Comparison(table: script.table, rules: rules, bindings: bindings)
            .compare(recorded, with: arguments, event: ruleName(of: action), holdsVariables: holdsVariables, limit: limit)
    }

    /// The name that rules know an act by; the answer to an event goes by the event's name.
    private func ruleName(of action: ReplayPlan.Action) -> String {
        switch action.kind {
        case .emit(let event, _, _): event
        case .answer(let request, _): script.plan.expectations[request].ruleName
        default: "connect"
        }
    }
}

extension ReplayPlan.Expectation {
    var isRefusal: Bool {
        if case .refused = kind { return true }
        return false
    }
}
