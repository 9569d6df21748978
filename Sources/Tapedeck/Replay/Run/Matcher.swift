package import SocketIOWire

/// Finds for each packet that comes the expectation that it fulfils. A pure value: receipts in, states of expectations out.
///
/// Events are matched within one stream, that is one session and one event name; acks, answers to a connect and ends by what they belong
/// to. A receipt that equals an expectation fulfils it. One that equals none takes the place of the first that is due, for the time being:
/// when the right one comes after all, it is displaced. So a changed event costs no waiting, and an additional one hides nothing.
package struct Matcher: Sendable {
    package enum State: Sendable, Hashable {
        case pending
        case matched(receipt: Int)
        /// Something came in its place that is not equal.
        case replaced(receipt: Int)
        case givenUp
    }

    private enum StreamKey: Hashable {
        case event(session: Int, name: String)
        case answer(session: Int)
        case ack(action: Int)
        case disconnect(session: Int)
        case closed(lane: Int)
    }

    private struct Stream {
        var expectations: [Int] = []
        /// All before it are matched.
        var head = 0
        /// Receipts without an expectation of theirs.
        var spare: [Int] = []
        /// The receipts matched last, to tell a repetition.
        var recent: [Int] = []
    }

    package let plan: ReplayPlan
    package let rules: RuleSet
    package private(set) var states: MatchStates
    package private(set) var receipts: LongList<Receipt> = []
    package private(set) var bindings: Bindings
    package private(set) var ruleUses: [Int]
    /// Expectations that were fulfilled after they had been given up.
    package private(set) var late: Set<Int> = []
    /// How many expectations were compared with something.
    package private(set) var compared = 0

    /// Of acks only those that are not fulfilled plainly: there may be millions, and one packet is all that most of them see.
    private var streams: [StreamKey: Stream] = [:]
    /// The events of which each copy of the clients brings one more, when there are several.
    private let shared: SharedEvents?
    /// The expectation of each action's ack, -1 where there is none.
    private var ackOfAction: [Int32]
    /// Where the packets are that came as they should.
    private let store = PayloadStore()
    private var ofReceipt = MatchPlaces()
    private var lastMatchedInLane: [Int?]
    private var released = 0
    /// All expectations before it are settled.
    private var settledPrefix = 0
    private var firstNotDue = 0

    /// - Parameter isCopied: others do the same at the same time.
    package init(plan: ReplayPlan, rules: RuleSet, isCopied: Bool = false) {
        self.plan = plan
        self.rules = rules
        shared = isCopied ? SharedEvents(plan: plan) : nil
        states = MatchStates(count: plan.expectations.count)
        bindings = Bindings(table: plan.variables)
        ruleUses = Array(repeating: 0, count: rules.rules.count)
        lastMatchedInLane = Array(repeating: nil, count: plan.lanes.count)
        ackOfAction = Array(repeating: -1, count: plan.actions.count)
        for expectation in plan.expectations {
            if case .ack(let action, _, _) = expectation.kind {
                ackOfAction[action] = Int32(clamping: expectation.index)
                continue
            }
            guard let key = Self.key(of: expectation) else { continue }
            streams[key, default: Stream()].expectations.append(expectation.index)
        }
    }

    // MARK: What the driver asks

    /// The first expectation before `end` that is neither fulfilled nor given up.
    package mutating func firstOpen(before end: Int) -> Int? {
        while settledPrefix < plan.expectations.count, isSettled(settledPrefix) { settledPrefix += 1 }
        return settledPrefix < end ? settledPrefix : nil
    }

    package func isSettled(_ expectation: Int) -> Bool {
        states[expectation] != .pending || plan.expectations[expectation].isOptional
    }

    func isMatched(_ expectation: Int) -> Bool { if case .matched = states[expectation] { true } else { false } }

    /// What came for `expectation`, right or wrong.
    package func receipt(for expectation: Int) -> Receipt? {
        switch states[expectation] {
        case .matched(let receipt), .replaced(let receipt): receipts[receipt]
        case .pending, .givenUp: nil
        }
    }

    /// The expectation that `receipt` fulfils or stands in for.
    package func expectation(of receipt: Int) -> Int? { ofReceipt[receipt] }

    /// The receipts that have no expectation, in the order in which they came.
    package var spareReceipts: [Receipt] { receipts.filter { ofReceipt[$0.index] == nil } }

    /// Whether anything of `lane` is still to come.
    package func hasOpenExpectations(lane: Int) -> Bool {
        plan.expectations[min(settledPrefix, plan.expectations.count)...].contains { $0.lane == lane && !isSettled($0.index) }
    }

    // MARK: What happens

    /// The server has said outside of any packet what the variable is: an engine id.
    package mutating func bind(_ variable: Int, to value: JSONValue) { bindings.bind(variable, to: value, overriding: true) }

    /// The first `count` actions have been released: what followed them in the recording is due up to the next one.
    package mutating func release(_ count: Int) {
        released = count
        while firstNotDue < plan.expectations.count, plan.expectations[firstNotDue].after <= count {
            let expectation = firstNotDue
            firstNotDue += 1
            guard states[expectation] == .pending, let key = Self.key(of: plan.expectations[expectation]),
                let spare = streams[key]?.spare, !spare.isEmpty
            else { continue }
            takeSpare(for: expectation, key: key, spare: spare)
        }
    }

    /// Nothing more is waited for.
    package mutating func giveUp(_ expectation: Int) {
        if states[expectation] == .pending { states[expectation] = .givenUp }
    }

    /// - Returns: the expectation that the packet was taken for.
    @discardableResult
    package mutating func receive(lane: Int, session: Int?, kind: Receipt.Kind, arguments: [JSONValue]) -> Int? {
        let receipt = Receipt(
            index: receipts.count, lane: lane, session: session, kind: kind, arguments: arguments, anchor: lastMatchedInLane[lane])
        receipts.append(receipt)
        ofReceipt.append(nil)
        guard let key = Self.key(of: receipt), var stream = stream(key) else { return nil }
        let found = place(receipt, in: &stream)
        if case .ack = key, let found, case .matched = states[found], stream.spare.isEmpty {
            receipts[receipt.index].store(in: store)
        } else {
            streams[key] = stream
        }
        if let found { lastMatchedInLane[lane] = max(found, lastMatchedInLane[lane] ?? 0) }
        return found
    }

    private func stream(_ key: StreamKey) -> Stream? {
        if let stream = streams[key] { return stream }
        guard case .ack(let action) = key, ackOfAction[action] >= 0 else { return nil }
        return Stream(expectations: [Int(ackOfAction[action])])
    }

    /// Whether just this is expected of the event in this session and has not come yet.
    func awaits(_ name: String, _ arguments: [JSONValue], session: Int, lane: Int) -> Bool {
        let key = StreamKey.event(session: session, name: name)
        guard streams[key] != nil else { return false }
        let receipt = Receipt(
            index: receipts.count, lane: lane, session: session, kind: .event(name: name, ackID: nil), arguments: arguments, anchor: nil)
        return isAwaited(receipt, in: key)
    }

    /// The end of the run: whatever is not equal yet is paired anew within its stream, the most alike first, whenever it came.
    package mutating func finish() {
        // in the order of the recording, so that what is bound on the way is the same every time
        for (key, stream) in streams.sorted(by: { $0.value.expectations.first ?? 0 < $1.value.expectations.first ?? 0 }) {
            var open: [Int] = []
            var receipts = stream.spare
            for expectation in stream.expectations {
                switch states[expectation] {
                case .matched: continue
                case .replaced(let receipt): receipts.append(receipt)
                case .pending, .givenUp: break
                }
                open.append(expectation)
            }
            guard !open.isEmpty, !receipts.isEmpty else { continue }
            let rest = pair(open, with: receipts.sorted())
            streams[key]?.spare = rest
        }
    }

    /// - Returns: the receipts that are left over.
    private mutating func pair(_ open: [Int], with candidates: [Int]) -> [Int] {
        let pairs = alike(open, candidates)
        var freeExpectations = Set(open)
        var freeReceipts = Set(candidates)
        for expectation in open {
            guard case .replaced(let receipt) = states[expectation] else { continue }
            ofReceipt[receipt] = nil
            states[expectation] = .givenUp
            compared -= 1
        }
        for pair in pairs where freeExpectations.contains(pair.expectation) && freeReceipts.contains(pair.receipt) {
            freeExpectations.remove(pair.expectation)
            freeReceipts.remove(pair.receipt)
            if pair.differences == 0 {
                match(pair.expectation, pair.receipt)
            } else {
                replace(pair.expectation, by: receipts[pair.receipt])
            }
        }
        return freeReceipts.sorted()
    }

    private struct Pair {
        let expectation: Int
        let receipt: Int
        let differences: Int
    }

    /// All pairs that may be made, the best first. Where there are too many to look at, only neighbours are.
    private func alike(_ open: [Int], _ candidates: [Int]) -> [Pair] {
        var pairs: [Pair] = []
        let reach = open.count * candidates.count <= 40_000 ? Int.max : 64
        for (place, expectation) in open.enumerated() {
            for (index, receipt) in candidates.enumerated() where abs(index - place) < reach {
                let count = outcome(expectation, receipts[receipt], limit: .max).differences.count
                if count > 0, isRepetition(receipts[receipt]) { continue }
                pairs.append(Pair(expectation: expectation, receipt: receipt, differences: count))
            }
        }
        return pairs.sorted {
            ($0.differences, $0.expectation, $0.receipt) < ($1.differences, $1.expectation, $1.receipt)
        }
    }

    /// Whether the same has been matched already, not long before.
    private func isRepetition(_ receipt: Receipt) -> Bool {
        guard case .event = receipt.kind, let key = Self.key(of: receipt), let recent = streams[key]?.recent else { return false }
        return recent.contains { $0 != receipt.index && receipts[$0].arguments == receipt.arguments }
    }

    /// How `receipt` differs from `expectation`, in full.
    package func differences(of expectation: Int, from receipt: Receipt) -> [ReplayDifference] {
        outcome(expectation, receipt, limit: .max).differences
    }

    // MARK: Placing

    private mutating func place(_ receipt: Receipt, in stream: inout Stream) -> Int? {
        while stream.head < stream.expectations.count, case .matched = states[stream.expectations[stream.head]] { stream.head += 1 }
        let isEvent = if case .event = receipt.kind { true } else { false }
        let isShared = isShared(receipt)
        var open: [Int] = []
        var isEarly = false
        for expectation in stream.expectations[stream.head...].prefix(Self.window) {
            if case .matched = states[expectation] { continue }
            let isDue = !isEvent || plan.expectations[expectation].after <= released
            // most of what comes is another copy's then, and none of it is proof of anything
            if isShared, !isDue { break }
            let outcome = outcome(expectation, receipt, limit: 1)
            if outcome.isEqual {
                guard isDue else {
                    isEarly = true
                    break
                }
                var displaced: Int?
                if case .replaced(let old) = states[expectation] { displaced = old }
                match(expectation, receipt.index, outcome)
                stream.recent.append(receipt.index)
                if stream.recent.count > 8 { receipts[stream.recent.removeFirst()].store(in: store) }
                if let displaced {
                    // it may be what another expectation waits for
                    ofReceipt[displaced] = nil
                    _ = place(receipts[displaced], in: &stream)
                }
                return expectation
            }
            if isDue, states[expectation] == .pending { open.append(expectation) }
        }
        let isRepetition = isEvent && stream.recent.contains { receipts[$0].arguments == receipt.arguments }
        guard !isEarly, !isRepetition, let closest = closest(among: open, to: receipt) else {
            stream.spare.append(receipt.index)
            return nil
        }
        replace(closest, by: receipt)
        return closest
    }

    /// Of the expectations that are due the one that differs least.
    private func closest(among open: [Int], to receipt: Receipt) -> Int? {
        guard open.count > 1 else { return open.first }
        return open.prefix(16).min { left, right in
            let (a, b) = (outcome(left, receipt, limit: .max).differences.count, outcome(right, receipt, limit: .max).differences.count)
            return (a, left) < (b, right)
        }
    }

    /// Something of its stream had come before `expectation` was due. If nothing there is equal, what is most like it stands in.
    private mutating func takeSpare(for expectation: Int, key: StreamKey, spare: [Int]) {
        if let first = spare.first, isShared(receipts[first]) {
            let own = spare.suffix(Self.spareWindow).first { isEqual(expectation, receipts[$0]) }
            guard let own else { return }
            match(expectation, own)
            streams[key]?.spare.removeAll { $0 == own }
            return
        }
        let recent = streams[key]?.recent ?? []
        var best: (place: Int, differences: Int)?
        // where others do the same at the same time there is much that is nobody's here
        for (place, receipt) in spare.enumerated().suffix(Self.spareWindow) {
            let count = outcome(expectation, receipts[receipt], limit: .max).differences.count
            guard count < best?.differences ?? .max else { continue }
            if count > 0, isAwaited(receipts[receipt], in: key) { continue }
            if count > 0, recent.contains(where: { receipts[$0].arguments == receipts[receipt].arguments }) { continue }
            best = (place, count)
            if count == 0 { break }
        }
        guard let best else { return }
        let receipt = spare[best.place]
        if best.differences == 0 { match(expectation, receipt) } else { replace(expectation, by: receipts[receipt]) }
        streams[key]?.spare.remove(at: best.place)
    }

    private func isShared(_ receipt: Receipt) -> Bool {
        guard let shared, case .event(let name, _) = receipt.kind else { return false }
        return shared.contain(name)
    }

    /// Whether an expectation that is not fulfilled yet, due or not, is just this.
    private func isAwaited(_ receipt: Receipt, in key: StreamKey) -> Bool {
        guard let stream = streams[key] else { return false }
        return stream.expectations[stream.head...].prefix(Self.window).contains { expectation in
            if case .matched = states[expectation] { false } else { isEqual(expectation, receipt) }
        }
    }

    private mutating func match(_ expectation: Int, _ receipt: Int) {
        match(expectation, receipt, outcome(expectation, receipts[receipt], limit: 1))
    }

    private mutating func match(_ expectation: Int, _ receipt: Int, _ outcome: Comparison.Outcome) {
        if states[expectation] == .givenUp { late.insert(expectation) }
        if states[expectation] == .pending || states[expectation] == .givenUp { compared += 1 }
        states[expectation] = .matched(receipt: receipt)
        ofReceipt[receipt] = expectation
        adopt(outcome, for: expectation)
    }

    private mutating func replace(_ expectation: Int, by receipt: Receipt) {
        compared += 1
        states[expectation] = .replaced(receipt: receipt.index)
        ofReceipt[receipt.index] = expectation
        // even a changed packet may bring the values that a client sends next
        adopt(outcome(expectation, receipt, limit: .max), for: expectation)
    }

    private mutating func adopt(_ outcome: Comparison.Outcome, for expectation: Int) {
        let isOwnID = if case .connected = plan.expectations[expectation].kind { true } else { false }
        for (variable, value) in outcome.proposals { bindings.bind(variable, to: value, overriding: isOwnID) }
        for rule in outcome.usedRules { ruleUses[rule] += 1 }
    }

    // MARK: Comparing

    private func isEqual(_ expectation: Int, _ receipt: Receipt) -> Bool { outcome(expectation, receipt, limit: 1).isEqual }

    private func outcome(_ index: Int, _ receipt: Receipt, limit: Int) -> Comparison.Outcome {
        let expectation = plan.expectations[index]
        if rules.isIgnored(event: expectation.ruleName) {
            var outcome = Comparison(table: plan.variables, rules: RuleSet(), bindings: bindings).compare(
                expectation.arguments, with: receipt.arguments, event: "", holdsVariables: expectation.holdsVariables)
            outcome.usedRules = outcome.isEqual ? [] : rules.ruleIgnoring(event: expectation.ruleName).map { [$0] } ?? []
            outcome.differences = []
            return outcome
        }
        let comparison = Comparison(table: plan.variables, rules: rules, bindings: bindings)
        switch (expectation.kind, receipt.kind) {
        case (.connected(let payload), .connected): return compareConnect(payload, receipt, with: comparison)
        case (.connected, _), (.refused, .connected):
            var outcome = Comparison.Outcome()
            outcome.differences = [
                ReplayDifference(
                    kind: .type, path: "$", expected: expectation.title,
                    got: ([receipt.title] + receipt.arguments.map(\.shown)).joined(separator: " "))
            ]
            return outcome
        case (.event(_, _, let ackID), .event(_, let gotAckID)) where (ackID == nil) != (gotAckID == nil):
            var outcome = comparison.compare(
                expectation.arguments, with: receipt.arguments, event: expectation.ruleName, holdsVariables: expectation.holdsVariables)
            outcome.differences.append(
                ReplayDifference(
                    kind: ackID == nil ? .added : .missing, path: "ack", expected: ackID == nil ? nil : "asks for an ack",
                    got: gotAckID == nil ? nil : "asks for an ack"))
            return outcome
        default:
            return comparison.compare(
                expectation.arguments, with: receipt.arguments, event: expectation.ruleName, holdsVariables: expectation.holdsVariables,
                limit: limit)
        }
    }

    /// The answer to a connect brings ids, and ids are never compared.
    private func compareConnect(_ payload: JSONValue?, _ receipt: Receipt, with comparison: Comparison) -> Comparison.Outcome {
        var outcome = Comparison.Outcome()
        guard case .object(let expected)? = payload, case .object(let got)? = receipt.arguments.first else { return outcome }
        for key in ["sid", "pid"] {
            guard case .string(let recorded)? = expected[key], case .string(let value)? = got[key],
                let variable = plan.variables.variable(forWhole: recorded)
            else { continue }
            outcome.proposals.append((variable, .string(value)))
        }
        return outcome
    }

    /// How far a receipt is looked for among the expectations of its stream.
    private static let window = 256
    /// How many of those that came early are looked at when another expectation is due.
    private static let spareWindow = 64

    private static func key(of expectation: ReplayPlan.Expectation) -> StreamKey? {
        switch (expectation.kind, expectation.session) {
        case (.closed, _): .closed(lane: expectation.lane)
        case (.ack(let action, _, _), _): .ack(action: action)
        case (.event(let name, _, _), let session?): .event(session: session, name: name)
        case (.connected, let session?), (.refused, let session?): .answer(session: session)
        case (.disconnected, let session?): .disconnect(session: session)
        case (_, nil): nil
        }
    }

    private static func key(of receipt: Receipt) -> StreamKey? {
        switch (receipt.kind, receipt.session) {
        case (.closed, _): .closed(lane: receipt.lane)
        case (.ack(let action, _), _): .ack(action: action)
        case (.event(let name, _), let session?): .event(session: session, name: name)
        case (.connected, let session?), (.refused, let session?): .answer(session: session)
        case (.disconnected, let session?): .disconnect(session: session)
        case (.strayAck, _), (_, nil): nil
        }
    }
}
