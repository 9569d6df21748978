import Tape

/// All rules of a replay, arranged so that comparing a packet that none of them speaks of costs nothing.
package struct RuleSet: Sendable {
    let rules: [ReplayRule]
    private let everywhere: [Int]
    private let byEvent: [String: [Int]]
    private let wholeEvents: [String: Int]
    /// The only events that are judged; empty: all.
    private let chosenEvents: Set<String>

    package init(_ rules: [ReplayRule] = [], events: Set<String> = []) {
        self.rules = rules
        chosenEvents = events
        var everywhere: [Int] = []
        var byEvent: [String: [Int]] = [:]
        var wholeEvents: [String: Int] = [:]
        for (index, rule) in rules.enumerated() {
            switch (rule.event, rule.path) {
            case (let event?, nil): wholeEvents[event] = wholeEvents[event] ?? index
            case (let event?, _): byEvent[event, default: []].append(index)
            case (nil, _): everywhere.append(index)
            }
        }
        self.everywhere = everywhere
        self.byEvent = byEvent
        self.wholeEvents = wholeEvents
    }

    /// Whether `event` is not judged at all: by a rule, or because others were chosen.
    func isIgnored(event: String) -> Bool {
        wholeEvents[event] != nil || !chosenEvents.isEmpty && !chosenEvents.contains(event)
    }

    /// The rule that takes `event` out of the comparison altogether.
    func ruleIgnoring(event: String) -> Int? { wholeEvents[event] }

    /// Where the rules for `event` stand before the first step into its arguments.
    func cursor(event: String) -> RuleCursor {
        var states: [RuleCursor.State] = []
        for index in everywhere + (byEvent[event] ?? []) {
            guard let path = rules[index].path else { continue }
            states.append(.init(rule: index, positions: path.start()))
        }
        return RuleCursor(states: states)
    }

    /// The first rule that speaks of the place the cursor has reached. Rules that ignore go before rules that ask for a kind.
    func rule(at cursor: RuleCursor) -> Int? {
        var found: Int?
        for state in cursor.states {
            guard let path = rules[state.rule].path, path.isComplete(state.positions) else { continue }
            if rules[state.rule].kind == nil { return state.rule }
            found = found ?? state.rule
        }
        return found
    }

    func step(_ cursor: RuleCursor, intoKey key: String) -> RuleCursor {
        step(cursor) { path, positions in path.step(positions, intoKey: key) }
    }

    func step(_ cursor: RuleCursor, intoIndex index: Int) -> RuleCursor {
        step(cursor) { path, positions in path.step(positions, intoIndex: index) }
    }

    private func step(_ cursor: RuleCursor, with move: (RulePath, [Int]) -> [Int]) -> RuleCursor {
        guard !cursor.states.isEmpty else { return cursor }
        var next: [RuleCursor.State] = []
        for state in cursor.states {
            guard let path = rules[state.rule].path else { continue }
            let positions = move(path, state.positions)
            if !positions.isEmpty { next.append(.init(rule: state.rule, positions: positions)) }
        }
        return RuleCursor(states: next)
    }
}

/// The rules that may still speak of something below the place that a comparison has reached.
struct RuleCursor: Sendable {
    struct State: Sendable {
        let rule: Int
        let positions: [Int]
    }

    let states: [State]

    var isEmpty: Bool { states.isEmpty }
}
