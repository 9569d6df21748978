import SocketIOWire

/// Plays a recorded server: a client's packet in, what to send out. A value without I/O and without a clock.
///
/// What a client does is looked for on the tape, the strongest match first: the next act of the session that it plays; an act of another
/// session that it may as well be playing; an act of its own session once more; an act of any session. What followed it then follows now,
/// to the clients that play the recorded receivers. What is nowhere on the tape is reported, and nothing is invented.
struct MockMachine: Sendable {
    enum Output: Sendable {
        /// `request`: the client shall answer, and the answer comes back with it.
        case emit(socket: UInt64, event: String, arguments: [JSONValue], request: Int?)
        case acknowledge(socket: UInt64, token: Int, arguments: [JSONValue])
        /// There will be no answer to it.
        case drop(socket: UInt64, token: Int)
        case disconnect(socket: UInt64)
        case close(socket: UInt64)
        /// Call ``MockMachine/timerFired(_:)`` so many microseconds from now.
        case timer(Int, after: Int64)
        case unknown(UnknownAct)
        /// The mock is to end.
        case stop
    }

    /// Who comes: a socket that asks to be let into a namespace.
    struct Arrival: Sendable {
        let socket: UInt64
        let connection: UInt64
        let namespace: String
        let socketID: String
        let engineID: String
        let auth: JSONValue
        /// What its connection began with, `polling` or `websocket`; tells clients apart that are alike in all else.
        var transport: String?
    }

    enum Verdict: Sendable {
        case accepted
        /// With the message and data that were recorded, or with our own where the tape does not know the client.
        case refused(message: String, data: JSONValue?)
    }

    /// Something that is to be sent later.
    struct Pending: Sendable {
        let socket: UInt64
        let effect: MockScript.Effect
        let token: Int?
        /// It is sent only if nobody plays the session that brings it.
        let isTrailing: Bool
    }

    let script: MockScript
    let options: MockOptions
    let equality: MockEquality
    var stages: [Int: MockStage] = [:]
    var players: [UInt64: MockPlayer] = [:]
    var pending: [Int: Pending] = [:]
    var pendingKeys: Set<PendingKey> = []
    var nextTimer = 0
    /// Acts that some client has done, for the report.
    var played: Set<Int> = []
    var report = MockReport()

    struct PendingKey: Hashable {
        let socket: UInt64
        let expectation: Int
        let isTrailing: Bool
    }

    init(script: MockScript, options: MockOptions) {
        self.script = script
        self.options = options
        equality = MockEquality(script: script, rules: RuleSet(options.rules))
        report.playable = script.playable
        report.limits = script.plan.limits
    }

    // MARK: A client comes and goes

    /// Whether the tape has this namespace, refused or not.
    func knows(namespace: String) -> Bool { script.sessions[namespace] != nil }

    mutating func arrive(_ arrival: Arrival) -> (verdict: Verdict, outputs: [Output]) {
        guard let part = part(for: arrival) else {
            let act = unknownConnect(arrival)
            return (.refused(message: "the tape does not know this connect", data: nil), notKnown(act))
        }
        note(script.connects[part.session])
        if case .refused(let payload)? = script.connect(of: part.session).answer?.kind {
            let message = payload?["message"]?.stringValue ?? payload?.stringValue ?? "refused"
            return (.refused(message: message, data: payload?["data"]), [])
        }
        let player = MockPlayer(
            socket: arrival.socket, connection: arrival.connection, namespace: arrival.namespace, socketID: arrival.socketID,
            engineID: arrival.engineID, auth: arrival.auth, stage: part.stage, session: part.session)
        stages[part.stage, default: MockStage(script: script)].give(part.session, to: player, script)
        players[arrival.socket] = player
        report.clients += 1
        return (.accepted, [])
    }

    /// The client has been told that it is in.
    mutating func connected(_ socket: UInt64) -> [Output] {
        guard let player = players[socket], let connect = script.connects[player.session] else { return [] }
        return play(connect, by: player, token: nil)
    }

    /// The client has left the namespace, or has gone.
    mutating func gone(_ socket: UInt64) -> [Output] {
        guard let player = players.removeValue(forKey: socket) else { return [] }
        for (timer, entry) in pending where entry.socket == socket { remove(timer) }
        var outputs: [Output] = []
        if let end = script.ends[player.session], stages[player.stage]?.finish(end) == true {
            outputs = play(end, by: player, token: nil)
        }
        stages[player.stage]?.end(player.session, script)
        if stages[player.stage]?.isEmpty == true, player.stage != 0 { stages[player.stage] = nil }
        return outputs
    }

    /// The client was let in, but had gone before it was told so.
    mutating func abandoned(_ socket: UInt64) {
        guard let player = players.removeValue(forKey: socket) else { return }
        stages[player.stage]?.end(player.session, script)
    }

    // MARK: What a client does

    /// - Parameter token: stands for the ack that the client asks for.
    mutating func emitted(_ socket: UInt64, event: String, arguments: [JSONValue], token: Int?) -> [Output] {
        guard let player = players[socket] else { return token.map { [.drop(socket: socket, token: $0)] } ?? [] }
        guard let match = match(player, event: event, arguments: arguments, wantsAck: token != nil) else {
            let act = unknownEmit(player, event: event, arguments: arguments, wantsAck: token != nil)
            return (token.map { [.drop(socket: socket, token: $0)] } ?? []) + notKnown(act)
        }
        var outputs = flush(socket, before: match.action)
        guard let player = players[socket] else { return outputs }
        note(match.action)
        if match.isFirst {
            _ = stages[player.stage]?.finish(match.action)
            players[socket]?.emits.append(match.action)
        }
        if token != nil, !script.wantsAck(match.action) {
            outputs += notKnown(unansweredEmit(player, event: event, arguments: arguments, match: match.action))
        }
        outputs += play(match.action, by: player, token: token)
        if let token, !script.effects[match.action].contains(where: { script.plan.expectations[$0.expectation].isAck }) {
            outputs.append(.drop(socket: socket, token: token))
        }
        return outputs
    }

    /// The client's answer to the event that went out with `request`.
    mutating func answered(_ socket: UInt64, request: Int, arguments: [JSONValue]) -> [Output] {
        guard let player = players[socket] else { return [] }
        guard let action = script.answers[request], equality.isEqual(action, arguments, stages[player.stage]?.bindings) else {
            return notKnown(unknownAnswer(player, request: request, arguments: arguments))
        }
        let outputs = flush(socket, before: action)
        note(action)
        return outputs + play(action, by: player, token: nil)
    }

    mutating func timerFired(_ timer: Int) -> [Output] {
        guard let entry = remove(timer), let player = players[entry.socket] else { return [] }
        return deliver(entry, to: player)
    }

    // MARK: The server's part

    /// What followed the action, with the client in the part that did it.
    private mutating func play(_ action: Int, by player: MockPlayer, token: Int?) -> [Output] {
        let part = script.plan.actions[action].session ?? player.session
        let exchange = part == player.session ? nil : part
        var outputs: [Output] = []
        for effect in script.effects[action] {
            let expectation = script.plan.expectations[effect.expectation]
            for socket in receivers(of: expectation, player, exchange: exchange) {
                guard stages[player.stage]?.early.remove(effect.expectation) == nil else { continue }
                let entry = Pending(socket: socket, effect: effect, token: expectation.isAck ? token : nil, isTrailing: false)
                outputs += schedule(entry, after: wait(effect, isTrailing: false), by: player, exchange: exchange)
            }
        }
        guard exchange == nil else { return outputs }
        for effect in script.trailing[action] {
            if options.absent == .silent, effect.causingSession != nil { continue }
            let entry = Pending(socket: player.socket, effect: effect, token: nil, isTrailing: true)
            outputs += schedule(entry, after: wait(effect, isTrailing: true), by: player, exchange: nil)
        }
        return outputs
    }

    /// The live sockets that play those who received it.
    private func receivers(of expectation: ReplayPlan.Expectation, _ player: MockPlayer, exchange: Int?) -> [UInt64] {
        guard let stage = stages[player.stage] else { return [] }
        func live(_ session: Int) -> UInt64? {
            if session == exchange { return player.socket }
            if session == player.session, let exchange { return stage.players[exchange] }
            return stage.players[session]
        }
        if let session = expectation.session { return live(session).map { [$0] } ?? [] }
        // the end of a connection: any of its sessions stands for it
        let sessions = script.plan.sessions.filter { $0.lane == expectation.lane }
        return sessions.lazy.compactMap { live($0.index) }.first.map { [$0] } ?? []
    }

    /// In microseconds; 0 is now.
    private func wait(_ effect: MockScript.Effect, isTrailing: Bool) -> Int64 {
        switch options.pace {
        case .flood: 0
        case .recorded: Int64(Double(effect.delay) / options.speed)
        // a handler is not waited for, a timer is
        case .causal: isTrailing || effect.delay >= 1_000_000 ? Int64(Double(effect.delay) / options.speed) : 0
        }
    }

    private mutating func schedule(_ entry: Pending, after wait: Int64, by player: MockPlayer, exchange: Int?) -> [Output] {
        guard let receiver = players[entry.socket] ?? (entry.socket == player.socket ? player : nil) else { return [] }
        guard wait > 0 else {
            if !entry.isTrailing { return deliver(entry, to: receiver, actor: player, exchange: exchange) }
            return deliver(entry, to: receiver)
        }
        // a client that repeats itself does not fill the memory
        guard entry.token != nil || pendingKeys.insert(PendingKey(entry)).inserted else { return [] }
        nextTimer += 1
        pending[nextTimer] = entry
        return [.timer(nextTimer, after: wait)]
    }

    /// What came to the client before an act in the recording comes before it now, too.
    private mutating func flush(_ socket: UInt64, before action: Int) -> [Output] {
        let due = pending.filter { $0.value.socket == socket && script.plan.expectations[$0.value.effect.expectation].after <= action }
        var outputs: [Output] = []
        for (timer, entry) in due.sorted(by: { $0.value.effect.expectation < $1.value.effect.expectation }) {
            remove(timer)
            guard let player = players[socket] else { break }
            outputs += deliver(entry, to: player)
        }
        return outputs
    }

    @discardableResult
    private mutating func remove(_ timer: Int) -> Pending? {
        guard let entry = pending.removeValue(forKey: timer) else { return nil }
        pendingKeys.remove(PendingKey(entry))
        return entry
    }

    private mutating func deliver(
        _ entry: Pending, to player: MockPlayer, actor: MockPlayer? = nil, exchange: Int? = nil
    ) -> [Output] {
        guard let stage = stages[player.stage] else { return [] }
        let expectation = script.plan.expectations[entry.effect.expectation]
        if entry.isTrailing, let causing = entry.effect.causingSession {
            // whoever plays it brings it himself
            guard !stage.isBrought(expectation.index, by: causing) else { return [] }
            stages[player.stage]?.early.insert(expectation.index)
        } else {
            stages[player.stage]?.bring(expectation.index)
        }
        var arguments = expectation.arguments
        if expectation.holdsVariables {
            let bindings =
                if let exchange, let actor { stage.bindings(exchanging: actor.session, exchange, script) } else { stage.bindings }
            var unbound: Set<Int> = []
            arguments = arguments.map { bindings.rewriting($0, unbound: &unbound) }
        }
        report.sent += 1
        switch expectation.kind {
        case .event(let name, _, let ackID):
            return [
                .emit(socket: player.socket, event: name, arguments: arguments, request: ackID == nil ? nil : expectation.index)
            ]
        case .ack: return entry.token.map { [.acknowledge(socket: player.socket, token: $0, arguments: arguments)] } ?? []
        case .disconnected: return [.disconnect(socket: player.socket)]
        case .closed: return [.close(socket: player.socket)]
        case .connected, .refused: return []
        }
    }

    // MARK: The report

    private mutating func note(_ action: Int?) {
        guard let action, played.insert(action).inserted else { return }
        report.played += 1
    }

    private mutating func notKnown(_ act: UnknownAct) -> [Output] {
        report.add(act)
        return [.unknown(act)] + (options.isStrict ? [.stop] : [])
    }

    /// A client asked for a namespace that the tape does not have.
    mutating func unknownNamespace(_ name: String) -> [Output] {
        // a replay asks for one that cannot exist, to learn what the server has seen
        if name.hasPrefix(ReplayMachine.barrierPrefix) { return [] }
        let known = script.sessions.keys.sorted().prefix(10).joined(separator: ", ")
        return notKnown(
            UnknownAct(
                what: "connect", arguments: "", namespace: name, session: nil, nearest: nil,
                note: "the tape has no such namespace; it has \(known.isEmpty ? "none" : known)"))
    }
}

extension MockMachine.PendingKey {
    init(_ entry: MockMachine.Pending) {
        self.init(socket: entry.socket, expectation: entry.effect.expectation, isTrailing: entry.isTrailing)
    }
}

extension ReplayPlan.Expectation {
    var isAck: Bool {
        if case .ack = kind { return true }
        return false
    }
}
