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
                        connectionID: lane.connectionID, sessionID: nil, session: nil, namespace: nil, event: nil, packetID: open.packetID,
                        at: open.at,
                        differences: [], context: [], acceptedBy: [])))
        }
    }

    /// A missing event and an additional one with the same content, under another name in the same session or in another of the connection.
    mutating func addRenamed() {
        var spare: [Int: [Receipt]] = [:]
        for receipt in matcher.spareReceipts {
            if case .event = receipt.kind, receipt.session != nil { spare[receipt.lane, default: []].append(receipt) }
        }
        guard !spare.isEmpty else { return }
        for expectation in plan.expectations where !matcher.isFulfilled(expectation.index) && !expectation.isOptional {
            guard case .event(let name, _, _) = expectation.kind, let session = expectation.session, !told.contains(expectation.index),
                let candidates = spare[expectation.lane],
                let place = candidates.prefix(256).firstIndex(where: { receipt in
                    guard case .event(let other, _) = receipt.kind, (other == name) != (receipt.session == session) else { return false }
                    return matcher.differences(of: expectation.index, from: receipt).isEmpty
                }), case .event(let now, _) = candidates[place].kind, let other = candidates[place].session
            else { continue }
            tell(expectation: expectation.index)
            tell(receipt: candidates[place].index)
            spare[expectation.lane]?.remove(at: place)
            let (here, there) = (plan.sessions[session].namespace, plan.sessions[other].namespace)
            let isMoved = other != session
            add(
                Difference(
                    place: (expectation.index, 0), signature: "renamed \(name) \(now) \(there)", isDownstream: false,
                    finding: finding(
                        .renamed, .high,
                        isMoved
                            ? "'\(name)' to \(receiver(expectation)) in namespace '\(here)' now comes in '\(there)'"
                            : "'\(name)' to \(receiver(expectation)) is now called '\(now)'", expectation,
                        differences: [
                            isMoved
                                ? ReplayDifference(kind: .value, path: "namespace", expected: "\"\(here)\"", got: "\"\(there)\"")
                                : ReplayDifference(kind: .value, path: "event", expected: "\"\(name)\"", got: "\"\(now)\"")
                        ])))
        }
    }

    /// Broadcasts that reached others than they reached.
    mutating func addRecipients() {
        var broadcasts: [Int64: [Int]] = [:]
        var changed: Set<Int64> = []
        for expectation in plan.expectations {
            guard let broadcast = expectation.broadcastID, !expectation.isOptional else { continue }
            broadcasts[broadcast, default: []].append(expectation.index)
            if !matcher.isFulfilled(expectation.index), !told.contains(expectation.index) { changed.insert(broadcast) }
        }
        let strangers = strangers(broadcasts)
        for broadcast in changed.union(strangers.keys).sorted() {
            let members = (broadcasts[broadcast] ?? []).map { plan.expectations[$0] }
            addRecipients(members, strangers: strangers[broadcast] ?? [])
        }
    }

    /// Additional packets that are what a broadcast brought to others.
    private func strangers(_ broadcasts: [Int64: [Int]]) -> [Int64: [Receipt]] {
        struct Content: Hashable {
            let namespace: String
            let name: String
            let arguments: [JSONValue]
        }
        var wanted: [Content: [Receipt]] = [:]
        for receipt in matcher.spareReceipts where !toldReceipts.contains(receipt.index) {
            guard case .event(let name, _) = receipt.kind, let session = receipt.session, !matcher.rules.isIgnored(event: name)
            else {
                continue
            }
            wanted[Content(namespace: plan.sessions[session].namespace, name: name, arguments: receipt.arguments), default: []].append(
                receipt)
        }
        guard !wanted.isEmpty else { return [:] }
        var found: [Int64: [Receipt]] = [:]
        for broadcast in broadcasts.keys.sorted() {
            let members = broadcasts[broadcast] ?? []
            let sessions = Set(members.compactMap { plan.expectations[$0].session })
            guard let example = members.lazy.compactMap({ matcher.receipt(for: $0) }).first, let session = example.session,
                case .event(let name, _) = example.kind
            else { continue }
            let content = Content(namespace: plan.sessions[session].namespace, name: name, arguments: example.arguments)
            guard let receipts = wanted[content] else { continue }
            let outsiders = receipts.filter { receipt in receipt.session.map { !sessions.contains($0) } ?? false }
            guard !outsiders.isEmpty else { continue }
            found[broadcast] = outsiders
            wanted[content] = receipts.filter { receipt in !outsiders.contains { $0.index == receipt.index } }
        }
        return found
    }

    private mutating func addRecipients(_ members: [ReplayPlan.Expectation], strangers: [Receipt]) {
        let missing = members.filter { !matcher.isFulfilled($0.index) && !told.contains($0.index) }
        guard members.count > 1 || !strangers.isEmpty, let first = missing.first ?? members.first,
            case .event(let name, let arguments, _) = first.kind,
            !strangers.isEmpty || missing.contains(where: { !isDownstream($0) })
        else { return }
        for expectation in missing { tell(expectation: expectation.index) }
        for receipt in strangers { tell(receipt: receipt.index) }
        let namespace = first.session.map { plan.sessions[$0].namespace } ?? "/"
        let sender = first.after > 0 ? plan.actions[first.after - 1] : nil
        let sids = Set(members.compactMap { $0.session.flatMap { plan.sessions[$0].socketID } })
        let room = rooms.room(
            namespace: namespace, recipients: sids, sender: sender?.session.flatMap { plan.sessions[$0].socketID },
            before: first.packetID ?? .max, hints: arguments.values + (sender.map { Self.arguments(of: $0) } ?? []))
        let place = room.map { " in room \"\($0)\"" } ?? (namespace == "/" ? "" : " in namespace '\(namespace)'")
        let now = members.filter { matcher.isFulfilled($0.index) }.map(\.session) + strangers.map(\.session)
        let differences =
            missing.map { ReplayDifference(kind: .missing, path: "recipient", expected: "\"\(receiver($0))\"", got: nil) }
            + strangers.map { receipt in
                ReplayDifference(
                    kind: .added, path: "recipient", expected: nil,
                    got: receipt.session.map { "\"\(plan.sessions[$0].label)\"" })
            }
        add(
            Difference(
                place: (first.index, 0), signature: "recipients \(name) \(missing.isEmpty)", isDownstream: false,
                finding: finding(
                    .recipients, missing.isEmpty ? .medium : .high,
                    "'\(name)'\(place) reached \(names(members.map(\.session))), now \(names(now))", first, differences: differences,
                    acceptedBy: ["--ignore '\(name)'"])))
    }

    /// In the order of their sessions, so that the same recipients read the same.
    private func names(_ sessions: [Int?]) -> String {
        "{\(sessions.compactMap { $0 }.sorted().map { plan.sessions[$0].name }.joined(separator: ", "))}"
    }

    private static func arguments(of action: ReplayPlan.Action) -> [JSONValue] {
        if case .emit = action.kind { action.arguments } else { [] }
    }

    /// What nothing in the recording corresponds to.
    mutating func addSpare() {
        for receipt in matcher.spareReceipts where !toldReceipts.contains(receipt.index) {
            if case .event(let name, _) = receipt.kind, matcher.rules.isIgnored(event: name) { continue }
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
                        namespace: session?.namespace, event: receipt.ruleName, packetID: expectation.packetID, at: expectation.at,
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
        struct Stream: Hashable {
            let session: Int
            let name: String
        }
        let late = matcher.late.intersection(machine.timedOut)
        for index in late.sorted() {
            let expectation = plan.expectations[index]
            addOrder(expectation, "\(expectation.title) to \(receiver(expectation)) comes too late: it had been waited for in vain")
        }
        if machine.options.order == .any { return }
        let isStrict = machine.options.order == .strict
        // who sent what is looked at only where something is out of order at all
        var last: [Stream: Int] = [:]
        var disordered: Set<Stream> = []
        func stream(of expectation: ReplayPlan.Expectation) -> (stream: Stream, receipt: Int)? {
            guard case .event(let name, _, _) = expectation.kind, let session = expectation.session,
                case .matched(let receipt) = matcher.states[expectation.index]
            else { return nil }
            return (Stream(session: session, name: isStrict ? "" : name), receipt)
        }
        for expectation in plan.expectations {
            guard let (stream, receipt) = stream(of: expectation) else { continue }
            if let before = last[stream], before > receipt { disordered.insert(stream) } else { last[stream] = receipt }
        }
        guard !disordered.isEmpty else { return }
        var lastOf: [Stream: [Int: Int]] = [:]
        for expectation in plan.expectations {
            guard let (stream, receipt) = stream(of: expectation), disordered.contains(stream) else { continue }
            guard !late.contains(expectation.index) else { continue }
            let origin = isStrict ? 0 : origin(of: expectation)
            if let before = lastOf[stream]?[origin], before > receipt {
                addOrder(expectation, "\(expectation.title) to \(receiver(expectation)) comes before one that it had followed")
            } else {
                lastOf[stream, default: [:]][origin] = receipt
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
        let received = expectation.arguments
        for action in plan.actions[..<expectation.after].suffix(16).reversed() {
            guard case .emit(let event, let arguments, _) = action.kind else { continue }
            var score = event == expectation.ruleName ? 1 : 0
            for argument in arguments.values where received.contains(where: { Self.holds($0, argument) }) { score += 2 }
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
