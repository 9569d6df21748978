import SocketIOWire

/// What came and was not expected, came to the wrong ones, under another name or in another order.
extension Findings {
    /// Connections that could not be opened, or that the server ended.
    mutating func addConnections() {
        for failure in machine.openFailures {
            guard let open = plan.actions.first(where: { $0.lane == failure.lane }) else { continue }
            let lane = plan.lanes[failure.lane]
            add(
                Difference(
                    place: (open.after, -1), signature: "open", isDownstream: false,
                    finding: ReplayFinding(
                        kind: .connection, grade: .high,
                        title: "connection \(lane.connectionID) (\(lane.transport.rawValue)) cannot be opened: \(failure.reason)",
                        connectionID: lane.connectionID, sessionID: nil, session: nil, namespace: nil, packetID: open.packetID, at: open.at,
                        differences: [], context: [], acceptedBy: [])))
        }
    }

    /// A missing event and an additional one with the same content, in one session.
    mutating func addRenamed() {
        var spare: [Int: [Receipt]] = [:]
        for receipt in matcher.spareReceipts {
            if case .event = receipt.kind, let session = receipt.session { spare[session, default: []].append(receipt) }
        }
        guard !spare.isEmpty else { return }
        for expectation in plan.expectations where !matcher.isFulfilled(expectation.index) && !expectation.isOptional {
            guard case .event(let name, _, _) = expectation.kind, let session = expectation.session, let candidates = spare[session] else {
                continue
            }
            guard
                let place = candidates.prefix(256).firstIndex(where: { receipt in
                    guard case .event(let other, _) = receipt.kind, other != name else { return false }
                    return matcher.differences(of: expectation.index, from: receipt).isEmpty
                }), case .event(let now, _) = candidates[place].kind
            else { continue }
            tell(expectation: expectation.index)
            tell(receipt: candidates[place].index)
            spare[session]?.remove(at: place)
            add(
                Difference(
                    place: (expectation.index, 0), signature: "renamed \(name) \(now)", isDownstream: false,
                    finding: finding(
                        .renamed, .high, "'\(name)' to \(receiver(expectation)) is now called '\(now)'", expectation,
                        differences: [ReplayDifference(kind: .value, path: "event", expected: "\"\(name)\"", got: "\"\(now)\"")])))
        }
    }

    /// Broadcasts that reached only some of those that they reached.
    mutating func addRecipients() {
        var broadcasts: [Int64: [Int]] = [:]
        var incomplete: Set<Int64> = []
        for expectation in plan.expectations {
            guard let broadcast = expectation.broadcastID, !expectation.isOptional else { continue }
            broadcasts[broadcast, default: []].append(expectation.index)
            if !matcher.isFulfilled(expectation.index), !told.contains(expectation.index) { incomplete.insert(broadcast) }
        }
        for broadcast in incomplete.sorted() {
            let members = (broadcasts[broadcast] ?? []).map { plan.expectations[$0] }
            let missing = members.filter { !matcher.isFulfilled($0.index) }
            guard members.count > 1, let first = missing.first, case .event(let name, let arguments, _) = first.kind,
                missing.contains(where: { !isDownstream($0) })
            else { continue }
            for expectation in missing { tell(expectation: expectation.index) }
            let namespace = first.session.map { plan.sessions[$0].namespace } ?? "/"
            let sender = first.after > 0 ? plan.actions[first.after - 1] : nil
            let sids = Set(members.compactMap { $0.session.flatMap { plan.sessions[$0].socketID } })
            let room = rooms.room(
                namespace: namespace, recipients: sids, sender: sender?.session.flatMap { plan.sessions[$0].socketID },
                before: first.packetID ?? .max,
                hints: arguments + (sender.map { Self.arguments(of: $0) } ?? []))
            let place = room.map { " in room \"\($0)\"" } ?? (namespace == "/" ? "" : " in namespace '\(namespace)'")
            let now = members.filter { matcher.isFulfilled($0.index) }
            add(
                Difference(
                    place: (first.index, 0), signature: "recipients \(name)", isDownstream: false,
                    finding: finding(
                        .recipients, .high, "'\(name)'\(place) reached \(names(members)), now \(names(now))", first,
                        differences: missing.map {
                            ReplayDifference(kind: .missing, path: "recipient", expected: "\"\(receiver($0))\"", got: nil)
                        }, acceptedBy: ["--ignore '\(name)'"])))
        }
    }

    private func names(_ expectations: [ReplayPlan.Expectation]) -> String {
        "{\(expectations.map { e in e.session.map { plan.sessions[$0].name } ?? "?" }.joined(separator: ", "))}"
    }

    private static func arguments(of action: ReplayPlan.Action) -> [JSONValue] {
        if case .emit(_, let arguments, _) = action.kind { arguments } else { [] }
    }

    /// What nothing in the recording corresponds to.
    mutating func addSpare() {
        for receipt in matcher.spareReceipts where !toldReceipts.contains(receipt.index) {
            if case .event(let name, _) = receipt.kind, matcher.rules.ruleIgnoring(event: name) != nil { continue }
            let anchor = receipt.anchor ?? firstExpectation(of: receipt)
            guard let anchor else { continue }
            let expectation = plan.expectations[anchor]
            let to = receipt.session.map { plan.sessions[$0].label } ?? "connection \(plan.lanes[receipt.lane].connectionID)"
            let isEnd =
                switch receipt.kind {
                case .closed, .disconnected, .connected, .refused: true
                case .event, .ack, .strayAck: false
                }
            var title = isEnd ? "\(receipt.title) comes to \(to) unasked" : "\(receipt.title) comes to \(to) in addition"
            if case .closed(let reason) = receipt.kind { title = "the server ends \(to): \(reason)" }
            if case .event = receipt.kind, isRepetition(receipt) { title = "\(receipt.title) comes twice to \(to)" }
            let session = receipt.session.map { plan.sessions[$0] }
            var context = self.context(before: expectation).suffix(2)
            context.append(plan.line(for: expectation))
            add(
                Difference(
                    place: (anchor, 1 + receipt.index), signature: "extra \(receipt.title)", isDownstream: false,
                    finding: ReplayFinding(
                        kind: isEnd ? .connection : .extra, grade: isEnd ? .high : .medium, title: title,
                        connectionID: plan.lanes[receipt.lane].connectionID, sessionID: session?.sessionID, session: session?.label,
                        namespace: session?.namespace, packetID: expectation.packetID, at: expectation.at,
                        differences: receipt.arguments.isEmpty
                            ? []
                            : [ReplayDifference(kind: .added, path: "$", expected: nil, got: JSONValue.array(receipt.arguments).shown)],
                        context: Array(context), acceptedBy: isEnd ? [] : ["--ignore '\(receipt.ruleName)'"])))
        }
    }

    private func firstExpectation(of receipt: Receipt) -> Int? {
        plan.expectations.first { $0.lane == receipt.lane }?.index ?? plan.expectations.first?.index
    }

    /// Whether the same had come before, in this session.
    private func isRepetition(_ receipt: Receipt) -> Bool {
        matcher.receipts[..<receipt.index].suffix(256).contains {
            $0.session == receipt.session && $0.ruleName == receipt.ruleName && $0.arguments == receipt.arguments
        }
    }

    /// What came as recorded, but not where it belongs. Only what stems from one sender has an order.
    mutating func addOrder() {
        var last: [String: [Int: (receipt: Int, expectation: Int)]] = [:]
        for expectation in plan.expectations {
            guard case .event(let name, _, _) = expectation.kind, let session = expectation.session,
                case .matched(let receipt) = matcher.states[expectation.index]
            else { continue }
            if matcher.late.contains(expectation.index), machine.timedOut.contains(expectation.index) {
                addOrder(expectation, "'\(name)' to \(receiver(expectation)) comes too late: others had been waited for in vain")
                continue
            }
            let origin = origin(of: expectation)
            if let before = last["\(session) \(name)"]?[origin], before.receipt > receipt {
                addOrder(expectation, "'\(name)' to \(receiver(expectation)) comes before one that it had followed")
            } else {
                last["\(session) \(name)", default: [:]][origin] = (receipt, expectation.index)
            }
        }
    }

    private mutating func addOrder(_ expectation: ReplayPlan.Expectation, _ title: String) {
        add(
            Difference(
                place: (expectation.index, 0), signature: "order \(expectation.titleKey)", isDownstream: false,
                finding: finding(.order, .medium, title, expectation, acceptedBy: ["--ignore '\(expectation.ruleName)'"])))
    }

    /// The lane whose action the packet most likely follows from: among the last actions the one that shares most with it.
    private func origin(of expectation: ReplayPlan.Expectation) -> Int {
        var best: (lane: Int, score: Int) = (-1, -1)
        for action in plan.actions[..<expectation.after].suffix(16).reversed() {
            guard case .emit(let event, let arguments, _) = action.kind else { continue }
            var score = event == expectation.ruleName ? 1 : 0
            for argument in arguments where expectation.arguments.contains(where: { Self.holds($0, argument) }) { score += 2 }
            if score > best.score { best = (action.lane, score) }
        }
        return best.lane
    }

    private static func holds(_ value: JSONValue, _ part: JSONValue) -> Bool {
        if value == part { return true }
        switch value {
        case .array(let elements): return elements.contains { holds($0, part) }
        case .object(let object): return object.contains { holds($0.value, part) }
        default: return false
        }
    }

    mutating func addCrossTalk() {
        for crossTalk in matcher.bindings.crossTalk {
            let variable = plan.variables.variables[crossTalk.second]
            let other = plan.variables.variables[crossTalk.first]
            guard let expectation = plan.expectations.first(where: { $0.packetID == variable.packetID }) ?? plan.expectations.first else {
                continue
            }
            add(
                Difference(
                    place: (expectation.index, 0), signature: "cross-talk \(variable.kind.rawValue) \(variable.path)", isDownstream: false,
                    finding: finding(
                        .crossTalk, .high,
                        "\(variable.recorded.shown) and \(other.recorded.shown) differed in the recording, now both are \(crossTalk.value)",
                        expectation)))
        }
    }
}

extension Matcher {
    /// Whether something came for it, right or changed.
    func isFulfilled(_ expectation: Int) -> Bool {
        switch states[expectation] {
        case .matched, .replaced: true
        case .pending, .givenUp: false
        }
    }
}
