import SocketIOWire

/// Does the recorded acts, with the values of this run in them.
extension ReplayMachine {
    mutating func perform(_ action: ReplayPlan.Action) {
        guard let effect = effect(of: action) else {
            skipped.insert(action.index)
            return
        }
        sentActions += 1
        if keepsMoments { moments.append(.did(action: action.index)) }
        lanes[action.lane].lastAction = action.index
        effects.append(effect)
    }

    mutating func effect(of action: ReplayPlan.Action) -> Effect? {
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
            let early = lanes[lane].early
            lanes[lane].early = []
            for packet in early { receive(packet, lane: lane) }
            if let auth { bindOffset(in: auth, session: session) }
            return .send(
                lane: lane,
                LanePacket(
                    kind: .connect, namespace: plan.sessions[session].namespace, arguments: auth.map { rewriting([$0], for: action) } ?? [])
            )
        case .emit(let event, let arguments, let ackID):
            guard let session = action.session, isAccepted[session] == true else { return nil }
            if let ackID { sentAcks[session, ackID] = action.index }
            return .send(
                lane: lane,
                LanePacket(
                    kind: .event(name: event, ackID: ackID), namespace: plan.sessions[session].namespace,
                    arguments: rewriting(arguments.values, for: action)))
        case .answer(let request, let arguments):
            guard let session = action.session, isAccepted[session] == true,
                case .event(_, let ackID?)? = matcher.receipt(for: request)?.kind
            else { return nil }
            return .send(
                lane: lane,
                LanePacket(
                    kind: .ack(ackID), namespace: plan.sessions[session].namespace, arguments: rewriting(arguments.values, for: action)))
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

    mutating func rewriting(_ arguments: [JSONValue], for action: ReplayPlan.Action) -> [JSONValue] {
        var unbound: Set<Int> = []
        let rewritten = arguments.map { matcher.bindings.rewriting($0, unbound: &unbound) }
        if !unbound.isEmpty { tainted.insert(action.index) }
        return refreshing.isEmpty ? rewritten : refreshed(rewritten, for: action)
    }

    /// A client that comes back says up to where it has received in this run.
    private mutating func bindOffset(in auth: JSONValue, session: Int) {
        guard case .string(let recorded)? = auth["offset"], let variable = matcher.plan.variables.variable(forWhole: recorded),
            plan.variables.variables[variable].kind == .recoveryOffset, let pid = auth["pid"]
        else { return }
        var unbound: Set<Int> = []
        guard case .string(let now) = matcher.bindings.rewriting(pid, unbound: &unbound), let offset = recovery.offset(of: now) else {
            return
        }
        matcher.bind(variable, to: .string(offset))
        recovery.resume(session, pid: now)
    }

    /// A session that was recovered in the recording must be recovered again, if the server recovers sessions at all: then it gives each a
    /// private id. If it does not, nobody can know what it should have sent.
    mutating func noteRecovery(_ packet: LanePacket, session: Int) {
        guard packet.kind == .connect, let answer = plan.sessions[session].connectAnswer,
            case .connected(let payload) = plan.expectations[answer].kind, case .string(let recorded)? = payload?["sid"],
            plan.sessions[..<session].contains(where: { $0.socketID == recorded }),
            let variable = plan.variables.variable(forWhole: recorded),
            let before = matcher.bindings.value(of: variable), packet.arguments.first?["sid"] != before
        else { return }
        guard packet.arguments.first?["pid"] != nil else {
            unjudged.insert(session)
            return
        }
        notes.append("\(plan.sessions[session].label) was recovered in the recording and is not now: what it had missed is not sent again")
    }

    private func refreshed(_ arguments: [JSONValue], for action: ReplayPlan.Action) -> [JSONValue] {
        guard let timeShift else { return arguments }
        let event =
            switch action.kind {
            case .emit(let event, _, _): event
            case .answer(let request, _): plan.expectations[request].ruleName
            default: "connect"
            }
        return refreshing.reduce(arguments) { arguments, override in
            guard override.speaks(of: event), case .path(_, let path) = override.place else { return arguments }
            return PathEdit(path: path, change: timeShift.moved).applied(to: arguments)
        }
    }

    mutating func finish() {
        for lane in lanes.indices where lanes[lane].phase == .open { effects.append(.close(lane: lane)) }
        matcher.finish()
        isFinished = true
        effects.append(.finish)
    }
}
