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
        case quiet(Int)
    }

    private struct AckKey: Hashable {
        let session: Int
        let ackID: UInt64
    }

    package let plan: ReplayPlan
    let options: ReplayOptions
    package private(set) var matcher: Matcher
    private(set) var lanes: [Lane]
    /// Whether a session's connect was accepted; `nil` before the answer and where none came.
    private(set) var isAccepted: [Bool?]
    private var sentAcks: [AckKey: Int] = [:]
    private var next = 0
    /// The action that the recorded clock has released.
    private var clockedAction = -1
    private var wait: Wait?
    private var timerNumber = 0
    private var barrierNumber = 0
    private var usesBarrier: Bool
    private var needsGrace = false
    private var hasFinalBarrier = false
    private var quietRounds = 0
    private var effects: [Effect] = []
    package private(set) var isFinished = false

    /// Actions that could not be done.
    private(set) var skipped: Set<Int> = []
    /// Actions that were sent with a recorded value because the new one never came.
    private(set) var tainted: Set<Int> = []
    /// Expectations that could not come, because what they follow from did not happen.
    private(set) var unreachable: Set<Int> = []
    /// The waits that ran out, by name.
    private(set) var timeouts: [String] = []
    private(set) var timedOut: Set<Int> = []
    private(set) var openFailures: [(lane: Int, reason: String)] = []
    private(set) var notes: [String] = []
    private(set) var sentActions = 0

    package init(plan: ReplayPlan, options: ReplayOptions) {
        self.plan = plan
        self.options = options
        matcher = Matcher(plan: plan, rules: RuleSet(options.rules))
        lanes = Array(repeating: Lane(), count: plan.lanes.count)
        isAccepted = Array(repeating: nil, count: plan.sessions.count)
        usesBarrier = options.usesBarrier
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

    private mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    // MARK: What comes

    private mutating func receive(_ packet: LanePacket, lane: Int) {
        guard lanes[lane].phase == .open else { return }
        if let barrier = lanes[lane].barrier, barrier.namespace == packet.namespace { return receiveBarrier(packet, lane: lane) }
        if packet.namespace.hasPrefix(Self.barrierPrefix) { return }
        guard let session = lanes[lane].currentSession[packet.namespace] else {
            if options.namespaces.isEmpty || options.namespaces.contains(packet.namespace) {
                notes.append(
                    "a packet came in namespace '\(packet.namespace)', which connection \(plan.lanes[lane].connectionID) has not joined")
            }
            return
        }
        if case .quiet = wait { quietRounds += 1 }
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
            if let action = sentAcks[AckKey(session: session, ackID: ackID)], case .emit(let event, _, _) = plan.actions[action].kind {
                kind = .ack(action: action, event: event)
            } else {
                kind = .strayAck(ackID: ackID)
            }
        case .disconnect:
            kind = .disconnected
            isAccepted[session] = false
        }
        guard let expectation = matcher.receive(lane: lane, session: session, kind: kind, arguments: packet.arguments) else { return }
        if let action = plan.expectations[expectation].answers {
            lanes[lane].provenAction = max(lanes[lane].provenAction, action)
        }
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
        plan.actions[next...].contains { action in
            guard action.lane == lane else { return false }
            switch action.kind {
            case .close, .cut: return false
            default: return true
            }
        }
    }

    // MARK: Barriers

    static let barrierPrefix = "/tapedeck-barrier-"

    private mutating func startBarrier(_ lane: Int) {
        barrierNumber += 1
        let namespace = "\(Self.barrierPrefix)\(barrierNumber)"
        lanes[lane].barrier = Barrier(namespace: namespace, roundsLeft: 2, provesAction: lanes[lane].lastAction)
        effects.append(.send(lane: lane, LanePacket(kind: .connect, namespace: namespace)))
    }

    private mutating func receiveBarrier(_ packet: LanePacket, lane: Int) {
        guard var barrier = lanes[lane].barrier else { return }
        switch packet.kind {
        case .connectError: break
        case .connect:
            // a server that accepts any name has answered too
            effects.append(.send(lane: lane, LanePacket(kind: .disconnect, namespace: barrier.namespace)))
        case .event, .ack, .disconnect: return
        }
        barrier.roundsLeft -= 1
        if barrier.roundsLeft > 0 {
            lanes[lane].barrier = barrier
            effects.append(.send(lane: lane, LanePacket(kind: .connect, namespace: barrier.namespace)))
        } else {
            lanes[lane].barrier = nil
            lanes[lane].provenAction = max(lanes[lane].provenAction, barrier.provesAction)
        }
    }

    // MARK: Advancing

    private mutating func advance() {
        while !isFinished {
            guard next < plan.actions.count else {
                if let blocker = lastBlocker() { return block(blocker) }
                finish()
                return
            }
            let action = plan.actions[next]
            if let blocker = blocker(for: action) { return block(blocker) }
            wait = nil
            perform(action)
            next += 1
            matcher.release(next)
        }
    }

    private mutating func blocker(for action: ReplayPlan.Action) -> Wait? {
        if let lane = lanes.indices.first(where: { lanes[$0].phase == .opening || lanes[$0].phase == .closing || lanes[$0].isUpgrading }) {
            return .lane(lane)
        }
        if options.pace != .flood {
            if let open = firstOpen(before: action.after) { return .receipt(open) }
        }
        if let needed = need(of: action), !matcher.isSettled(needed), !isUnreachable(needed) { return .receipt(needed) }
        if options.pace != .flood, let barrier = barrierBlocker(except: action.lane) { return barrier }
        if needsGrace {
            switch action.kind {
            case .close, .cut: break
            default: return .grace
            }
        }
        if options.pace == .recorded, clockedAction != next, clockDelay(of: action) > .zero { return .clock(next) }
        return nil
    }

    private mutating func lastBlocker() -> Wait? {
        if let lane = lanes.indices.first(where: { lanes[$0].phase == .opening || lanes[$0].phase == .closing || lanes[$0].isUpgrading }) {
            return .lane(lane)
        }
        if let open = firstOpen(before: plan.expectations.count) { return .receipt(open) }
        if !hasFinalBarrier {
            hasFinalBarrier = true
            if usesBarrier { for lane in lanes.indices where lanes[lane].phase == .open { startBarrier(lane) } }
        }
        if lanes.contains(where: { $0.barrier != nil }) { return .barrier }
        return quietRounds < 0 ? nil : .quiet(min(quietRounds, 40))
    }

    /// The first expectation before `end` that may still come; the ones that cannot are given up on the way.
    private mutating func firstOpen(before end: Int) -> Int? {
        while let open = matcher.firstOpen(before: end) {
            guard isUnreachable(open) else { return open }
            unreachable.insert(open)
            matcher.giveUp(open)
        }
        return nil
    }

    private func isUnreachable(_ index: Int) -> Bool {
        let expectation = plan.expectations[index]
        if expectation.after > 0, skipped.contains(expectation.after - 1) { return true }
        if lanes[expectation.lane].phase == .closed { return true }
        if let session = expectation.session, isAccepted[session] == false {
            switch expectation.kind {
            case .connected, .refused: return false
            case .event, .ack, .disconnected, .closed: return true
            }
        }
        return false
    }

    /// What an action needs even if nothing else is waited for: its session, the request that it answers.
    private func need(of action: ReplayPlan.Action) -> Int? {
        switch action.kind {
        case .answer(let request, _): return request
        case .emit, .leave:
            guard let session = action.session else { return nil }
            return plan.sessions[session].connectAnswer
        case .open, .upgrade, .connect, .close, .cut: return nil
        }
    }

    private mutating func barrierBlocker(except lane: Int) -> Wait? {
        guard usesBarrier else { return nil }
        for other in lanes.indices where other != lane && lanes[other].phase == .open && lanes[other].barrier == nil {
            if lanes[other].lastAction > lanes[other].provenAction { startBarrier(other) }
        }
        return lanes.contains { $0.barrier != nil } ? .barrier : nil
    }

    private mutating func block(_ blocker: Wait) {
        guard wait != blocker else { return }
        wait = blocker
        timerNumber += 1
        effects.append(.startTimer(timerNumber, budget(of: blocker)))
    }

    private func budget(of blocker: Wait) -> Duration {
        switch blocker {
        case .lane: options.timeout + .seconds(15)
        case .receipt(let expectation): patience + recordedDelay(of: expectation)
        case .barrier: options.timeout
        case .grace: options.settle / 5
        case .clock: clockDelay(of: plan.actions[next])
        case .quiet: options.settle
        }
    }

    /// After the first wait in vain the verdict stands; the rest need not take minutes.
    private var patience: Duration {
        switch timeouts.count {
        case 0: options.timeout
        case 1..<5: min(options.timeout, max(.seconds(1), options.settle * 4))
        default: min(options.timeout, max(options.settle, .milliseconds(50)))
        }
    }

    /// How long it took in the recording, counted from the act before it.
    private func recordedDelay(of expectation: Int) -> Duration {
        guard next > 0 else { return .zero }
        return .microseconds(max(0, plan.expectations[expectation].at - plan.actions[next - 1].at))
    }

    private func clockDelay(of action: ReplayPlan.Action) -> Duration {
        guard next > 0 else { return .zero }
        let recorded = max(0, action.at - plan.actions[next - 1].at)
        return .microseconds(Int64(Double(recorded) / max(options.speed, 0.001)))
    }

    private mutating func runOut() {
        guard let waited = wait else { return }
        switch waited {
        case .lane(let lane):
            switch lanes[lane].phase {
            case .opening:
                lanes[lane].phase = .closed
                openFailures.append((lane, "no answer"))
                effects.append(.cut(lane: lane))
            case .closing: lanes[lane].phase = .closed
            case .idle, .open, .closed: lanes[lane].isUpgrading = false
            }
        case .receipt(let expectation):
            timeouts.append(name(of: expectation))
            let end = next < plan.actions.count ? plan.actions[next].after : plan.expectations.count
            while let open = firstOpen(before: end) {
                timedOut.insert(open)
                matcher.giveUp(open)
            }
            if !matcher.isSettled(expectation) {
                timedOut.insert(expectation)
                matcher.giveUp(expectation)
            }
        case .barrier:
            usesBarrier = false
            notes.append("the server does not answer a connect to an unknown namespace, so replay goes on without barriers")
            for lane in lanes.indices { lanes[lane].barrier = nil }
        case .grace: needsGrace = false
        case .clock: clockedAction = next
        case .quiet: quietRounds = -1
        }
        wait = nil
    }

    /// What is waited for, in words.
    private func name(of index: Int) -> String {
        let expectation = plan.expectations[index]
        let session = expectation.session.map { plan.sessions[$0].label } ?? "connection \(plan.lanes[expectation.lane].connectionID)"
        guard expectation.after > 0 else { return "waiting for \(expectation.title) in \(session)" }
        let cause = plan.actions[expectation.after - 1]
        return "waiting for \(expectation.title) in \(session) after \(cause.title) (#\(cause.index + 1))"
    }

    // MARK: Acting

    private mutating func perform(_ action: ReplayPlan.Action) {
        guard let effect = effect(of: action) else {
            skipped.insert(action.index)
            return
        }
        sentActions += 1
        lanes[action.lane].lastAction = action.index
        effects.append(effect)
    }

    private mutating func effect(of action: ReplayPlan.Action) -> Effect? {
        let lane = action.lane
        if case .open = action.kind {
            lanes[lane].phase = .opening
            return .open(lane: lane)
        }
        guard lanes[lane].phase == .open else { return nil }
        switch action.kind {
        case .open: return nil
        case .upgrade:
            lanes[lane].isUpgrading = true
            return .upgrade(lane: lane)
        case .connect(let auth):
            guard let session = action.session else { return nil }
            lanes[lane].currentSession[plan.sessions[session].namespace] = session
            return .send(
                lane: lane,
                LanePacket(
                    kind: .connect, namespace: plan.sessions[session].namespace, arguments: auth.map { rewriting([$0], for: action) } ?? [])
            )
        case .emit(let event, let arguments, let ackID):
            guard let session = action.session, isAccepted[session] == true else { return nil }
            if let ackID { sentAcks[AckKey(session: session, ackID: ackID)] = action.index }
            return .send(
                lane: lane,
                LanePacket(
                    kind: .event(name: event, ackID: ackID), namespace: plan.sessions[session].namespace,
                    arguments: rewriting(arguments, for: action)))
        case .answer(let request, let arguments):
            guard let session = action.session, isAccepted[session] == true,
                case .event(_, let ackID?)? = matcher.receipt(for: request)?.kind
            else { return nil }
            return .send(
                lane: lane,
                LanePacket(
                    kind: .ack(ackID), namespace: plan.sessions[session].namespace, arguments: rewriting(arguments, for: action)))
        case .leave:
            guard let session = action.session, isAccepted[session] == true else { return nil }
            return .send(lane: lane, LanePacket(kind: .disconnect, namespace: plan.sessions[session].namespace))
        case .close:
            lanes[lane].phase = .closing
            needsGrace = true
            return .close(lane: lane)
        case .cut:
            lanes[lane].phase = .closing
            needsGrace = true
            return .cut(lane: lane)
        }
    }

    private mutating func rewriting(_ arguments: [JSONValue], for action: ReplayPlan.Action) -> [JSONValue] {
        var unbound: Set<Int> = []
        let rewritten = arguments.map { matcher.bindings.rewriting($0, unbound: &unbound) }
        if !unbound.isEmpty { tainted.insert(action.index) }
        return rewritten
    }

    private mutating func finish() {
        for lane in lanes.indices where lanes[lane].phase == .open { effects.append(.close(lane: lane)) }
        matcher.finish()
        isFinished = true
        effects.append(.finish)
    }
}
