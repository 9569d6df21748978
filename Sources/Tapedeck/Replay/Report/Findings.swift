import SocketIOWire

/// Reads the findings out of a finished replay: what differs, the cause first, what follows from it only counted.
struct Findings {
    /// One difference before it is told: where it stands in the recording and what makes it the same as another.
    struct Difference {
        /// Place in the order of expectations; what is additional comes behind the expectation it followed.
        let place: (expectation: Int, extra: Int)
        let signature: String
        /// The action that it followed from, if that could not be done as recorded.
        let isDownstream: Bool
        let finding: ReplayFinding
    }

    let machine: ReplayMachine
    let rooms: RoomHistory
    private(set) var differences: [Difference] = []
    private(set) var matched = 0
    private(set) var downstream = 0
    private(set) var told: Set<Int> = []
    private(set) var toldReceipts: Set<Int> = []
    /// What was not judged, and why, in words.
    private(set) var skips: [String] = []

    var plan: ReplayPlan { machine.plan }
    var matcher: Matcher { machine.matcher }

    init(machine: ReplayMachine, recording: Recording) {
        self.machine = machine
        rooms = RoomHistory(recording: recording)
        skipUnjudged()
        guard machine.isInterrupted else { return }
        for (index, state) in machine.matcher.states.enumerated() where state == .pending { told.insert(index) }
    }

    /// The findings in the order of the recording, each cause once.
    mutating func collect() -> [ReplayFinding] {
        addConnections()
        addRenamed()
        addRecipients()
        addExpectations()
        addSpare()
        addOrder()
        addCrossTalk()
        return condensed()
    }

    /// What can be told where others do the same at the same time: all that a server says to one client alone, and of what it says to several
    /// only that it is missing, for it comes once more from each copy.
    mutating func collectOfCopy() -> [ReplayFinding] {
        let shared = SharedEvents(plan: plan)
        for receipt in matcher.spareReceipts {
            if case .event(let name, _) = receipt.kind, shared.contain(name) { tell(receipt: receipt.index) }
        }
        addConnections()
        addExpectations()
        addSpare()
        addOrder()
        differences = differences.filter { difference in
            switch difference.finding.kind {
            case .missing, .connection: return true
            case .changed:
                if case .event(let name, _, _) = plan.expectations[difference.place.expectation].kind { return !shared.contain(name) }
                return true
            case .extra, .order: return !shared.contain(difference.finding.event)
            case .renamed, .recipients, .crossTalk: return false
            }
        }
        return condensed()
    }

    mutating func add(_ difference: Difference) { differences.append(difference) }

    mutating func tell(expectation: Int) { told.insert(expectation) }

    mutating func tell(receipt: Int) { toldReceipts.insert(receipt) }

    private mutating func condensed() -> [ReplayFinding] {
        var findings: [ReplayFinding] = []
        var bySignature: [String: Int] = [:]
        for difference in differences.sorted(by: { $0.place < $1.place }) {
            if difference.isDownstream, !findings.isEmpty {
                findings[findings.count - 1].downstream += 1
                downstream += 1
            } else if let first = bySignature[difference.signature] {
                findings[first].repetitions += 1
            } else {
                bySignature[difference.signature] = findings.count
                findings.append(difference.finding)
            }
        }
        return findings
    }

    /// Sessions that the server could not recover: their events, and what their acks say, depend on what only recovery keeps.
    private mutating func skipUnjudged() {
        for session in machine.unjudged.sorted() {
            var count = 0
            for expectation in plan.expectations where expectation.session == session && !matcher.isFulfilled(expectation.index) {
                switch expectation.kind {
                case .event: break
                case .ack:
                    guard case .replaced = matcher.states[expectation.index] else { continue }
                case .connected, .refused, .disconnected, .closed: continue
                }
                tell(expectation: expectation.index)
                if !expectation.isOptional { count += 1 }
            }
            for receipt in matcher.spareReceipts where receipt.session == session { tell(receipt: receipt.index) }
            skips.append(
                "skipped: \(plan.sessions[session].label) was recovered in the recording and the server offers no recovery now; "
                    + "\(count) \(count == 1 ? "packet" : "packets") to it could not be judged")
        }
    }

    /// Missing and changed packets.
    private mutating func addExpectations() {
        for expectation in plan.expectations {
            switch matcher.states[expectation.index] {
            case .matched: matched += 1
            case .pending, .givenUp:
                guard !expectation.isOptional, !told.contains(expectation.index) else { continue }
                addMissing(expectation)
            case .replaced(let receipt):
                guard !told.contains(expectation.index) else { continue }
                let differences = matcher.differences(of: expectation.index, from: matcher.receipts[receipt])
                if differences.isEmpty { matched += 1 } else { addChanged(expectation, differences) }
            }
        }
    }

    private mutating func addMissing(_ expectation: ReplayPlan.Expectation) {
        let what = expectation.title
        add(
            Difference(
                place: (expectation.index, 0), signature: "missing \(expectation.titleKey)", isDownstream: isDownstream(expectation),
                finding: finding(
                    isEnd(expectation) ? .connection : .missing, .high, "\(what) does not come to \(receiver(expectation))", expectation,
                    acceptedBy: ignoring(expectation))))
    }

    private mutating func addChanged(_ expectation: ReplayPlan.Expectation, _ differences: [ReplayDifference]) {
        let isAnswer =
            switch expectation.kind {
            case .connected, .refused: true
            default: false
            }
        add(
            Difference(
                place: (expectation.index, 0),
                signature: "changed \(expectation.titleKey) \(differences.map { "\($0.kind.rawValue) \($0.path)" })",
                isDownstream: isDownstream(expectation),
                finding: finding(
                    isAnswer ? .connection : .changed, differences.grade, "\(expectation.title) to \(receiver(expectation)) has changed",
                    expectation, differences: differences, acceptedBy: differences.acceptance(event: expectation.ruleName))))
    }

    private func isEnd(_ expectation: ReplayPlan.Expectation) -> Bool {
        switch expectation.kind {
        case .connected, .refused, .disconnected, .closed: true
        case .event, .ack: false
        }
    }

    private func ignoring(_ expectation: ReplayPlan.Expectation) -> [String] {
        if case .event(let name, _, _) = expectation.kind { return ["--ignore '\(name)'"] }
        return []
    }

    /// Whether something went before that makes it pointless to judge this.
    func isDownstream(_ expectation: ReplayPlan.Expectation) -> Bool {
        if machine.unreachable.contains(expectation.index) { return true }
        if case .ack(let action, _, _) = expectation.kind { return machine.skipped.contains(action) || machine.tainted.contains(action) }
        guard expectation.after > 0 else { return false }
        return machine.skipped.contains(expectation.after - 1) || machine.tainted.contains(expectation.after - 1)
    }

    // MARK: Telling

    func receiver(_ expectation: ReplayPlan.Expectation) -> String {
        expectation.session.map { plan.sessions[$0].label } ?? "connection \(plan.lanes[expectation.lane].connectionID)"
    }

    func finding(
        _ kind: ReplayFinding.Kind, _ grade: ReplayFinding.Grade, _ title: String, _ expectation: ReplayPlan.Expectation,
        differences: [ReplayDifference] = [], acceptedBy: [String] = []
    ) -> ReplayFinding {
        let session = expectation.session.map { plan.sessions[$0] }
        return ReplayFinding(
            kind: kind, grade: grade, title: title, connectionID: plan.lanes[expectation.lane].connectionID,
            sessionID: session?.sessionID, session: session?.label, namespace: session?.namespace, event: expectation.ruleName,
            packetID: expectation.packetID,
            at: expectation.at, differences: differences, context: context(before: expectation), acceptedBy: acceptedBy)
    }

    /// The last three packets of its lane before `expectation`.
    func context(before expectation: ReplayPlan.Expectation) -> [String] {
        var lines: [String] = []
        var received = expectation.index - 1
        var sent = expectation.after - 1
        var steps = 0
        while lines.count < 3, received >= 0 || sent >= 0, steps < 20_000 {
            steps += 1
            // an action with as many expectations before it comes after them
            if sent >= 0, received < 0 || plan.actions[sent].after > received {
                if plan.actions[sent].lane == expectation.lane { lines.append(plan.line(for: plan.actions[sent])) }
                sent -= 1
            } else {
                if plan.expectations[received].lane == expectation.lane { lines.append(plan.line(for: plan.expectations[received])) }
                received -= 1
            }
        }
        return lines.reversed()
    }
}

extension ReplayPlan.Expectation {
    /// What makes two of them the same sort of packet.
    var titleKey: String {
        switch kind {
        case .closed: "closed"
        default: title
        }
    }
}

extension [ReplayDifference] {
    var grade: ReplayFinding.Grade {
        var grade = ReplayFinding.Grade.low
        for difference in self {
            switch difference.kind {
            case .missing, .type: return .high
            case .value: grade = .medium
            case .added: break
            }
        }
        return grade
    }

    /// The options that would accept them: a kind where both values are of one, else the place is ignored.
    func acceptance(event: String) -> [String] {
        var options: [String] = []
        for difference in self where difference.path.hasPrefix("$") {
            if difference.kind == .value, let kind = Self.kind(of: difference) {
                options.append("--match '\(event):\(difference.path)=\(kind)'")
            } else {
                options.append("--ignore '\(event):\(difference.path)'")
            }
        }
        return options
    }

    private static func kind(of difference: ReplayDifference) -> String? {
        guard let expected = difference.expected, let got = difference.got, let left = try? JSONValue(parsing: expected),
            let right = try? JSONValue(parsing: got)
        else { return nil }
        if ValueKind.uuid.accepts(left), ValueKind.uuid.accepts(right) { return "uuid" }
        if ValueKind.iso8601.accepts(left), ValueKind.iso8601.accepts(right) { return "iso8601" }
        return nil
    }
}
