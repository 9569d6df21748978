import SocketIOWire

/// One performance of the recording: who plays whom, and how far it has come. Another client that finds its part taken gets a stage of its own.
struct MockStage: Sendable {
    /// The live sockets by recorded session.
    private(set) var players: [Int: UInt64] = [:]
    /// The acts that have been done, of sessions that are being played.
    private(set) var done: Set<Int> = []
    /// Sessions that have been played to their end.
    private(set) var finished: Set<Int> = []
    /// What has been sent before its cause, because nobody played the client that caused it.
    var early: Set<Int> = []
    /// What the client that caused it has brought itself.
    private var brought: Set<Int> = []
    /// Where the undone emits of one event and session begin.
    private var cursors: [Cursor: Int] = [:]
    private(set) var bindings: Bindings
    /// The new values of ids.
    private var ids: [Int: JSONValue] = [:]

    private struct Cursor: Hashable {
        let place: MockScript.Place
        let session: Int
    }

    init(script: MockScript) { bindings = Self.bindings(script, [:]) }

    var isEmpty: Bool { players.isEmpty }

    // MARK: Parts

    func isPlayed(_ session: Int) -> Bool { players[session] != nil || finished.contains(session) }

    mutating func give(_ session: Int, to player: MockPlayer, _ script: MockScript) {
        players[session] = player.socket
        finished.remove(session)
        name(session, socketID: player.socketID, engineID: player.engineID, script)
    }

    /// Two parts change hands; either may be free.
    mutating func swap(_ first: Int, _ second: Int, players both: [MockPlayer], _ script: MockScript) {
        for session in [first, second] { players[session] = nil }
        for player in both {
            forget(player.session, script)
            give(player.session, to: player, script)
        }
        for session in [first, second] where players[session] == nil { take(session, script) }
    }

    /// The client that played a session has gone.
    mutating func end(_ session: Int, _ script: MockScript) {
        players[session] = nil
        take(session, script)
        if players.isEmpty, !script.hasSuccessor(of: session, isPlayed: isPlayed) {
            // it begins anew
            finished = []
            done = []
            early = []
            brought = []
            cursors = [:]
        } else {
            finished.insert(session)
        }
    }

    private mutating func take(_ session: Int, _ script: MockScript) {
        forget(session, script)
        name(session, socketID: nil, engineID: nil, script)
    }

    /// Its acts are undone again.
    private mutating func forget(_ session: Int, _ script: MockScript) {
        let lane = script.plan.sessions[session].lane
        done = done.filter { script.plan.actions[$0].session != session && script.plan.actions[$0].lane != lane }
        brought = brought.filter { script.plan.expectations[$0].session != session }
        for key in cursors.keys where key.session == session { cursors[key] = nil }
    }

    private mutating func name(_ session: Int, socketID: String?, engineID: String?, _ script: MockScript) {
        if let variable = Self.socketVariable(of: session, script) { ids[variable] = socketID.map { .string($0) } }
        if let variable = Self.engineVariable(of: session, script) { ids[variable] = engineID.map { .string($0) } }
        bindings = Self.bindings(script, ids)
    }

    /// What nobody has made anew is as it was recorded. Secrets are left open: any value will do.
    private static func bindings(_ script: MockScript, _ ids: [Int: JSONValue]) -> Bindings {
        var bindings = Bindings(table: script.table)
        for variable in script.table.variables where variable.kind != .secret {
            bindings.bind(variable.index, to: ids[variable.index] ?? variable.recorded)
        }
        return bindings
    }

    /// As if two sessions had changed their players: for one act that a client takes from another's part.
    func bindings(exchanging first: Int, _ second: Int, _ script: MockScript) -> Bindings {
        guard first != second else { return bindings }
        var exchanged = ids
        for (left, right) in [
            (Self.socketVariable(of: first, script), Self.socketVariable(of: second, script)),
            (Self.engineVariable(of: first, script), Self.engineVariable(of: second, script)),
        ] {
            guard let left, let right, left != right else { continue }
            (exchanged[left], exchanged[right]) = (ids[right], ids[left])
        }
        return Self.bindings(script, exchanged)
    }

    private static func socketVariable(of session: Int, _ script: MockScript) -> Int? {
        script.socketIDs[session].flatMap { script.table.variable(forWhole: $0) }
    }

    private static func engineVariable(of session: Int, _ script: MockScript) -> Int? {
        script.plan.lanes[script.plan.sessions[session].lane].engineID
    }

    // MARK: Acts

    mutating func finish(_ action: Int) -> Bool { done.insert(action).inserted }

    mutating func bring(_ expectation: Int) { brought.insert(expectation) }

    /// Whether a session's client is here, or was and has brought this itself.
    func isBrought(_ expectation: Int, by session: Int) -> Bool { players[session] != nil || brought.contains(expectation) }

    func isDone(_ action: Int) -> Bool { done.contains(action) }

    /// The first emit of a session that has not been done and that `fits`.
    mutating func firstUndone(
        _ place: MockScript.Place, of session: Int, _ script: MockScript, where fits: (Int) -> Bool
    ) -> Int? {
        guard let emits = script.emits[place]?[session] else { return nil }
        let key = Cursor(place: place, session: session)
        var start = cursors[key] ?? 0
        while start < emits.count, done.contains(emits[start]) { start += 1 }
        cursors[key] = start
        return emits[start...].first { !done.contains($0) && fits($0) }
    }
}

/// A live client in a namespace, and whom it plays.
struct MockPlayer: Sendable {
    let socket: UInt64
    let connection: UInt64
    let namespace: String
    let socketID: String
    let engineID: String
    let auth: JSONValue
    var stage: Int
    var session: Int
    /// The recorded emits that it has done, the oldest first; what must fit if it turns out to be somebody else.
    var emits: [Int] = []
}
