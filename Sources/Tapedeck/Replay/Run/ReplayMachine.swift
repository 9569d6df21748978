import SocketIOWire

/// Drives a plan: decides what is sent when, and when all is over. A pure value: what happened in, what to do out.
///
/// Actions are released one after the other, in the recorded order. One waits for all that had been received before it in the recording,
/// in any lane; and when the lane changes, for a proof that the server has seen the actions of the others: the ack that was recorded, or a
/// barrier. So the server is always in the state in which the recorded action found it.
package struct ReplayMachine: Sendable {
    package enum Input: Sendable {
        case opened(lane: Int, engineID: String)
        case openFailed(lane: Int, reason: String)
        case upgraded(lane: Int)
        case upgradeFailed(lane: Int, reason: String)
        case packet(lane: Int, LanePacket)
        /// The connection is gone, after `close` or `cut` or without it.
        case closed(lane: Int, reason: String)
        case timer(Int)
    }

    package enum Effect: Sendable {
        case open(lane: Int)
        case upgrade(lane: Int)
        case send(lane: Int, LanePacket)
        case close(lane: Int)
        case cut(lane: Int)
        /// Any earlier timer is void.
        case startTimer(Int, Duration)
        case finish
    }

    enum Phase: Sendable { case idle, opening, open, closing, closed }

    struct Lane: Sendable {
        var phase = Phase.idle
        var isUpgrading = false
        var currentSession: [String: Int] = [:]
        var lastAction = -1
        /// The server is proven to have seen the actions of this lane up to here.
        var provenAction = -1
        var barrier: Barrier?
        /// Came before the connect that they belong to.
        var early: [LanePacket] = []
    }

    struct Barrier: Sendable {
        let namespace: String
        var roundsLeft: Int
        let provesAction: Int
    }

    enum Wait: Sendable, Hashable {
        case lane(Int)
        case receipt(Int)
        case barrier
        case grace
        case clock(Int)
        /// Chaos: the act comes a little later.
        case hesitation(Int)
        case quiet(Int)
    }

    package let plan: ReplayPlan
    let options: ReplayOptions
    package internal(set) var matcher: Matcher
    var lanes: [Lane]
    /// Whether a session's connect was accepted; `nil` before the answer and where none came.
    var isAccepted: [Bool?]
    var recovery = RecoveryState()
    /// The events that came in the recording, and never with an offset.
    private let eventsWithoutOffset: Set<String>
    var sentAcks = SentAcks()
    var next = 0
    /// The connects of all sessions before it are answered; only flood asks.
    var nextConnect = 0
    /// A flood that is too far ahead goes on when all expectations before it are settled.
    var floodPauseEnd: Int?
    /// The action that the recorded clock has released.
    var clockedAction = -1
    var wait: Wait?
    var timerNumber = 0
    var barrierNumber = 0
    var usesBarrier: Bool
    var needsGrace = false
    var hasFinalBarrier = false
    var quietRounds = 0
    var effects: [Effect] = []
    package internal(set) var isFinished = false

    /// Actions that could not be done.
    var skipped: Set<Int> = []
    /// Actions that were sent with a recorded value because the new one never came.
    var tainted: Set<Int> = []
    /// Expectations that could not come, because what they follow from did not happen.
    var unreachable: Set<Int> = []
    /// Sessions that were recovered in the recording, on a server that offers no recovery now: what they receive cannot be judged.
    var unjudged: Set<Int> = []
    /// The waits that ran out, by name.
    var timeouts: [String] = []
    var timedOut: Set<Int> = []
    var openFailures: [(lane: Int, reason: String)] = []
    var notes: [String] = []
    var sentActions = 0
    /// The run was stopped: what has not come yet is not judged.
    var isInterrupted = false
    /// The times that are moved, and by how much.
    let refreshing: [ReplayOverride]
    var timeShift: TimeShift?
    /// Draws the hesitations.
    var chaos: SeededGenerator?
    /// The action before which it was hesitated.
    var hesitatedAction = -1
    var hesitation = Duration.zero
    /// What happened since it was asked last: acts done and expectations met, for who measures time.
    var moments: [Moment] = []
    let keepsMoments: Bool

    package enum Moment: Sendable {
        case did(action: Int)
        case met(expectation: Int)
    }

    package init(plan: ReplayPlan, options: ReplayOptions, keepsMoments: Bool = false) {
        self.plan = plan
        self.keepsMoments = keepsMoments
        self.options = options
        matcher = Matcher(plan: plan, rules: options.ruleSet, isCopied: options.copies > 1)
        eventsWithoutOffset = RecoveryState.eventsWithoutOffset(in: plan)
        lanes = Array(repeating: Lane(), count: plan.lanes.count)
        isAccepted = Array(repeating: nil, count: plan.sessions.count)
        usesBarrier = options.usesBarrier
        notes = plan.notes
        refreshing = options.overrides.filter { $0.value == .refreshed }
        chaos = options.chaos.map { SeededGenerator(seed: $0 ^ 0x6A69_7474_6572) }
        for (variable, value) in plan.secrets { matcher.bind(variable, to: value) }
    }

    package mutating func start() -> [Effect] {
        matcher.release(0)
        advance()
        return takeEffects()
    }

    package mutating func handle(_ input: Input) -> [Effect] {
        guard !isFinished else { return [] }
        switch input {
        case .opened(let lane, let engineID):
            guard lanes[lane].phase == .opening else { break }
            lanes[lane].phase = .open
            lanes[lane].provenAction = lanes[lane].lastAction
            if let variable = plan.lanes[lane].engineID { matcher.bind(variable, to: .string(engineID)) }
        case .openFailed(let lane, let reason):
            lanes[lane].phase = .closed
            openFailures.append((lane, reason))
        case .upgraded(let lane): lanes[lane].isUpgrading = false
        case .upgradeFailed(let lane, let reason):
            lanes[lane].isUpgrading = false
            notes.append("the upgrade to WebSocket of connection \(plan.lanes[lane].connectionID) failed: \(reason)")
        case .packet(let lane, let packet): receive(packet, lane: lane)
        case .closed(let lane, let reason): laneClosed(lane, reason: reason)
        case .timer(let number):
            guard number == timerNumber else { return [] }
            runOut()
        }
        advance()
        return takeEffects()
    }

    /// Whether the client itself is ending the connection.
    func isClosing(_ lane: Int) -> Bool { lanes[lane].phase == .closing }

    /// Ends the run before its time: what came is judged, what has not come is not.
    package mutating func interrupt() {
        isInterrupted = true
        isFinished = true
        for lane in lanes.indices where lanes[lane].phase == .open { lanes[lane].phase = .closing }
    }

    private mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    // MARK: What comes

    /// Whether a packet of no session comes before its connect's turn: a server of Socket.IO 2 lets everyone into `/` at once.
    func isEarly(_ packet: LanePacket, lane: Int) -> Bool {
        plan.lanes[lane].revision == 3 && packet.namespace == "/" && lanes[lane].early.count < 10_000
    }

    mutating func receive(_ packet: LanePacket, lane: Int) {
        guard lanes[lane].phase == .open else { return }
        if let barrier = lanes[lane].barrier, barrier.namespace == packet.namespace { return receiveBarrier(packet, lane: lane) }
        if packet.namespace.hasPrefix(Self.barrierPrefix) { return }
        guard let session = lanes[lane].currentSession[packet.namespace] else {
            if isEarly(packet, lane: lane) {
                lanes[lane].early.append(packet)
                return
            }
            if options.namespaces.isEmpty || options.namespaces.contains(packet.namespace) {
                notes.append(
                    "a packet came in namespace '\(packet.namespace)', which connection \(plan.lanes[lane].connectionID) has not joined")
            }
            return
        }
        if case .quiet = wait { quietRounds += 1 }
        let offset = offset(of: packet, session: session)
        let packet = recovery.note(packet, offset: offset, session: session)
        noteRecovery(packet, session: session)
        let kind: Receipt.Kind
        switch packet.kind {
        case .connect:
            kind = .connected
            isAccepted[session] = true
        case .connectError:
            kind = .refused
            isAccepted[session] = false
        case .event(let name, let ackID): kind = .event(name: name, ackID: ackID)
        case .ack(let ackID):
            if let action = sentAcks[session, ackID], case .emit(let event, _, _) = plan.actions[action].kind {
                kind = .ack(action: action, event: event)
            } else {
                kind = .strayAck(ackID: ackID)
            }
        case .disconnect:
            kind = .disconnected
            isAccepted[session] = false
        }
        guard let expectation = matcher.receive(lane: lane, session: session, kind: kind, arguments: packet.arguments) else { return }
        // what another copy brought says nothing of how long this one waited
        if keepsMoments, options.copies == 1 || matcher.isMatched(expectation) { moments.append(.met(expectation: expectation)) }
        if let action = plan.expectations[expectation].answers {
            lanes[lane].provenAction = max(lanes[lane].provenAction, action)
        }
    }

    /// The offset that a server which offers recovery has appended to the arguments of `packet`, as far as that can be told: what is to come
    /// anyway as it is has none, such as volatile events, and of the rest the recording says which events had one.
    func offset(of packet: LanePacket, session: Int) -> String? {
        guard recovery.isOffered(in: session), case .event(let name, ackID: nil) = packet.kind,
            case .string(let offset)? = packet.arguments.last
        else { return nil }
        let lane = plan.sessions[session].lane
        if matcher.awaits(name, packet.arguments, session: session, lane: lane) { return nil }
        if matcher.awaits(name, packet.arguments.dropLast(), session: session, lane: lane) { return offset }
        return eventsWithoutOffset.contains(name) ? nil : offset
    }

    private mutating func laneClosed(_ lane: Int, reason: String) {
        let phase = lanes[lane].phase
        lanes[lane].phase = .closed
        lanes[lane].isUpgrading = false
        lanes[lane].barrier = nil
        switch phase {
        case .opening: openFailures.append((lane, reason))
        case .open:
            // where the client was about to go anyway, who was first is chance
            if matcher.hasOpenExpectations(lane: lane) || hasActionsLeft(lane) {
                matcher.receive(lane: lane, session: nil, kind: .closed(reason: reason), arguments: [])
            }
        case .idle, .closing, .closed: break
        }
    }

    /// Whether the lane still has something to do beyond its own end.
    private func hasActionsLeft(_ lane: Int) -> Bool {
        plan.actions[next...].contains { $0.lane == lane && !$0.isEnd }
    }
}
