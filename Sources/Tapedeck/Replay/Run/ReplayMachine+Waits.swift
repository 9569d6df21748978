/// What the next act waits for, how long, and what happens when that does not come.
extension ReplayMachine {
    /// How many packets a flood is ahead of what has come, at most: a server that does not keep up would have everything that is still to be
    /// sent stand in memory. When it pauses, it goes on after so many of them.
    private static let floodDepth = 10_000
    private static let floodStep = 500

    mutating func advance() {
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

    mutating func blocker(for action: ReplayPlan.Action) -> Wait? {
        if let lane = lanes.indices.first(where: { lanes[$0].phase == .opening || lanes[$0].phase == .closing || lanes[$0].isUpgrading }) {
            return .lane(lane)
        }
        if options.pace != .flood || action.isEnd {
            if let open = firstOpen(before: action.after) { return .receipt(open) }
        }
        if options.pace == .flood, let pause = floodPause(before: action) { return pause }
        if options.pace == .flood, let connect = openConnect(before: action.after) { return .receipt(connect) }
        if let needed = need(of: action), !matcher.isSettled(needed), !isUnreachable(needed) { return .receipt(needed) }
        if options.pace != .flood, let barrier = barrierBlocker(except: action.lane) { return barrier }
        if needsGrace {
            if !action.isEnd { return .grace }
        }
        if options.pace == .recorded, clockedAction != next, clockDelay(of: action) > .zero { return .clock(next) }
        if case .hesitation(next)? = wait { return wait }
        if chaos != nil, hesitatedAction != next { return hesitate() }
        return nil
    }

    private mutating func floodPause(before action: ReplayPlan.Action) -> Wait? {
        let end = floodPauseEnd ?? action.after - Self.floodDepth
        guard let open = firstOpen(before: end) else {
            floodPauseEnd = nil
            return nil
        }
        if floodPauseEnd != nil, case .receipt? = wait { return wait }
        floodPauseEnd = end + Self.floodStep
        return .receipt(open)
    }

    /// Now and then a client takes a moment, up to 20 ms, so that what depends on chance shows.
    private mutating func hesitate() -> Wait? {
        hesitatedAction = next
        guard var generator = chaos else { return nil }
        let draw = generator.next()
        chaos = generator
        guard draw % 4 == 0 else { return nil }
        hesitation = .microseconds(Int64((draw >> 8) % 20_000))
        return .hesitation(next)
    }

    mutating func lastBlocker() -> Wait? {
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
    mutating func firstOpen(before end: Int) -> Int? {
        while let open = matcher.firstOpen(before: end) {
            guard isUnreachable(open) else { return open }
            unreachable.insert(open)
            matcher.giveUp(open)
        }
        return nil
    }

    func isUnreachable(_ index: Int) -> Bool {
        let expectation = plan.expectations[index]
        if expectation.after > 0, skipped.contains(expectation.after - 1) { return true }
        if lanes[expectation.lane].phase == .closed { return true }
        if let session = expectation.session, unjudged.contains(session), case .event = expectation.kind { return true }
        if let session = expectation.session, isAccepted[session] == false {
            switch expectation.kind {
            case .connected, .refused: return false
            case .event, .ack, .disconnected, .closed: return true
            }
        }
        return false
    }

    /// The first connect that had been answered before `end` and is not yet.
    private mutating func openConnect(before end: Int) -> Int? {
        while nextConnect < plan.sessions.count {
            guard let answer = plan.sessions[nextConnect].connectAnswer, !matcher.isSettled(answer), !isUnreachable(answer) else {
                nextConnect += 1
                continue
            }
            return answer < end ? answer : nil
        }
        return nil
    }

    /// What an action needs even if nothing else is waited for: its session, the request that it answers.
    func need(of action: ReplayPlan.Action) -> Int? {
        switch action.kind {
        case .answer(let request, _): return request
        case .emit, .leave:
            guard let session = action.session else { return nil }
            return plan.sessions[session].connectAnswer
        case .open, .upgrade, .connect, .close, .cut: return nil
        }
    }

    mutating func barrierBlocker(except lane: Int) -> Wait? {
        guard usesBarrier else { return nil }
        for other in lanes.indices where other != lane && lanes[other].phase == .open && lanes[other].barrier == nil {
            if lanes[other].lastAction > lanes[other].provenAction { startBarrier(other) }
        }
        return lanes.contains { $0.barrier != nil } ? .barrier : nil
    }

    mutating func block(_ blocker: Wait) {
        guard wait != blocker else { return }
        wait = blocker
        timerNumber += 1
        effects.append(.startTimer(timerNumber, budget(of: blocker)))
    }

    func budget(of blocker: Wait) -> Duration {
        switch blocker {
        case .lane: options.timeout + .seconds(15)
        case .receipt(let expectation): patience + recordedDelay(of: expectation)
        case .barrier: options.timeout
        case .grace: options.settle / 5
        case .clock: clockDelay(of: plan.actions[next])
        case .hesitation: hesitation
        case .quiet: options.settle
        }
    }

    /// After the first wait in vain the verdict stands; the rest need not take minutes.
    var patience: Duration {
        switch timeouts.count {
        case 0: options.timeout
        case 1..<5: min(options.timeout, max(.seconds(1), options.settle * 4))
        default: min(options.timeout, max(options.settle, .milliseconds(50)))
        }
    }

    /// How long it took in the recording, counted from the act before it.
    func recordedDelay(of expectation: Int) -> Duration {
        guard next > 0 else { return .zero }
        return .microseconds(max(0, plan.expectations[expectation].at - plan.actions[next - 1].at))
    }

    func clockDelay(of action: ReplayPlan.Action) -> Duration {
        guard next > 0 else { return .zero }
        let recorded = max(0, action.at - plan.actions[next - 1].at)
        return .microseconds(Int64(Double(recorded) / max(options.speed, 0.001)))
    }

    mutating func runOut() {
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
            let end = floodPauseEnd ?? (next < plan.actions.count ? plan.actions[next].after : plan.expectations.count)
            floodPauseEnd = nil
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
        case .hesitation: break
        case .quiet: quietRounds = -1
        }
        wait = nil
    }

    /// What is waited for, in words.
    func name(of index: Int) -> String {
        let expectation = plan.expectations[index]
        let session = expectation.session.map { plan.sessions[$0].label } ?? "connection \(plan.lanes[expectation.lane].connectionID)"
        guard expectation.after > 0 else { return "waiting for \(expectation.title) in \(session)" }
        let cause = plan.actions[expectation.after - 1]
        return "waiting for \(expectation.title) in \(session) after \(cause.title) (#\(cause.index + 1))"
    }
}
