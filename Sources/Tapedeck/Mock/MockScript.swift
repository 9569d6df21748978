import SocketIOWire

/// A recording read from the server's side: upon which act it sent what. A pure function of the replay's plan.
struct MockScript: Sendable {
    /// What the server sends, as it hangs on an act.
    struct Effect: Sendable {
        let expectation: Int
        /// After the act, in the recording; in microseconds.
        let delay: Int64
        /// The session whose act brought it; `nil` if it came by itself. Another's only among what trails.
        let causingSession: Int?
    }

    struct Place: Hashable, Sendable {
        let namespace: String
        let event: String
    }

    let plan: ReplayPlan
    /// What an action brought, in the order of the recording, acks included.
    let effects: [[Effect]]
    /// What came to a session after its own action, but not of it: others or the clock brought it.
    let trailing: [[Effect]]
    /// The emits of an event, by session.
    let emits: [Place: [Int: [Int]]]
    /// Recorded sessions by namespace, in the order of their connects.
    let sessions: [String: [Int]]
    /// The CONNECT of each session.
    let connects: [Int?]
    /// The answer to the server's request that is this expectation.
    let answers: [Int: Int]
    /// How a session ended, if its client ended it.
    let ends: [Int?]
    /// How many acts stood before a session's end in the recording, whoever ended it.
    let endings: [Int?]
    /// The recorded id of each session's socket, if it got one.
    let socketIDs: [String?]
    /// Whether variables stand in what an action carries.
    let holdsVariables: [Bool]

    var table: VariableTable { plan.variables }

    init(plan: ReplayPlan) {
        self.plan = plan
        var emits: [Place: [Int: [Int]]] = [:]
        var sessions: [String: [Int]] = [:]
        var connects = [Int?](repeating: nil, count: plan.sessions.count)
        var ends = [Int?](repeating: nil, count: plan.sessions.count)
        var answers: [Int: Int] = [:]
        for action in plan.actions {
            switch action.kind {
            case .connect:
                guard let session = action.session else { continue }
                connects[session] = action.index
                sessions[plan.sessions[session].namespace, default: []].append(session)
            case .emit(let event, _, _):
                guard let session = action.session else { continue }
                let place = Place(namespace: plan.sessions[session].namespace, event: event)
                emits[place, default: [:]][session, default: []].append(action.index)
            case .answer(let request, _): answers[request] = action.index
            case .leave: if let session = action.session { ends[session] = action.index }
            case .close, .cut:
                for session in plan.sessions where session.lane == action.lane && ends[session.index] == nil {
                    if let connect = connects[session.index], connect < action.index { ends[session.index] = action.index }
                }
            case .open, .upgrade: continue
            }
        }
        var endings = ends
        for expectation in plan.expectations {
            switch expectation.kind {
            case .disconnected: if let session = expectation.session { endings[session] = endings[session] ?? expectation.after }
            case .closed:
                for session in plan.sessions where session.lane == expectation.lane && (connects[session.index] ?? .max) < expectation.after
                {
                    endings[session.index] = endings[session.index] ?? expectation.after
                }
            default: continue
            }
        }
        self.endings = endings
        (effects, trailing) = Self.effects(of: plan)
        socketIDs = plan.sessions.map { plan.socketID(of: $0) }
        (self.emits, self.sessions, self.connects, self.ends, self.answers) = (emits, sessions, connects, ends, answers)
        holdsVariables = plan.actions.map { $0.arguments.contains { plan.variables.occur(in: $0) } }
    }

    private static func effects(of plan: ReplayPlan) -> (effects: [[Effect]], trailing: [[Effect]]) {
        var effects = [[Effect]](repeating: [], count: plan.actions.count)
        var trailing = effects
        var causes = MockCauses(plan: plan)
        /// Each session's own acts so far.
        var lastActs: [Int: Int] = [:]
        var next = 0
        for expectation in plan.expectations {
            while next < expectation.after {
                if let session = plan.actions[next].session { lastActs[session] = next }
                next += 1
            }
            switch expectation.kind {
            case .connected, .refused: continue
            case .event, .ack, .disconnected, .closed: break
            }
            func effect(of action: Int, _ session: Int?) -> Effect {
                Effect(expectation: expectation.index, delay: max(0, expectation.at - plan.actions[action].at), causingSession: session)
            }
            let cause = causes.cause(of: expectation)
            if let cause { effects[cause].append(effect(of: cause, plan.actions[cause].session)) }
            let causingLane = cause.map { plan.actions[$0].lane }
            guard causingLane != expectation.lane, let session = expectation.session, let anchor = lastActs[session] else { continue }
            trailing[anchor].append(effect(of: anchor, cause.flatMap { Self.session(of: plan.actions[$0], in: plan) }))
        }
        return (effects, trailing)
    }

    /// The session that acts; of a connection's end one of those that it ends.
    private static func session(of action: ReplayPlan.Action, in plan: ReplayPlan) -> Int? {
        action.session ?? plan.sessions.last { $0.lane == action.lane }?.index
    }

    // MARK: Questions

    func connect(of session: Int) -> (auth: JSONValue, answer: ReplayPlan.Expectation?) {
        let auth = connects[session].flatMap { plan.actions[$0].arguments.first } ?? [:]
        return (auth, plan.sessions[session].connectAnswer.map { plan.expectations[$0] })
    }

    func wantsAck(_ action: Int) -> Bool {
        if case .emit(_, _, .some) = plan.actions[action].kind { return true }
        return false
    }

    /// The acts that a client must do itself: its connects, emits and answers.
    var playable: Int {
        plan.actions.count { action in
            switch action.kind {
            case .connect, .emit, .answer: true
            default: false
            }
        }
    }

    /// Whether a session was begun after another had ended: a client that came back, or the next one.
    func hasSuccessor(of session: Int, isPlayed: (Int) -> Bool) -> Bool {
        guard let end = endings[session] else { return false }
        return connects.indices.contains { other in (connects[other] ?? -1) >= end && !isPlayed(other) }
    }
}

extension ReplayPlan {
    /// As the server told it, else as the tape's list of sessions has it.
    func socketID(of session: Session) -> String? {
        guard let answer = session.connectAnswer, case .connected(.object(let payload)?) = expectations[answer].kind,
            case .string(let sid)? = payload["sid"]
        else { return session.socketID }
        return sid
    }
}
