/// Draws numbers from a seed, the same for the same seed.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension ReplayPlan {
    /// Reorders acts that were concurrent: between which nothing was received, by different connections. What one connection does keeps
    /// its order, so every order that comes of it could have been the recorded one.
    mutating func shuffle(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var order: [Int] = []
        order.reserveCapacity(actions.count)
        var start = 0
        while start < actions.count {
            var end = start + 1
            while end < actions.count, actions[end].after == actions[start].after { end += 1 }
            order += Self.interleaving(of: Array(actions[start..<end]), with: &generator)
            start = end
        }
        var newIndex = Array(repeating: 0, count: actions.count)
        for (index, old) in order.enumerated() { newIndex[old] = index }
        actions = LongList(order.enumerated().lazy.map { [actions] in actions[$1].moved(to: $0) })
        expectations = LongList(expectations.lazy.map { $0.renumbered { newIndex[$0] } })
    }

    private static func interleaving(of actions: [Action], with generator: inout SeededGenerator) -> [Int] {
        var queues: [[Int]] = []
        var queueOfLane: [Int: Int] = [:]
        for action in actions {
            if let queue = queueOfLane[action.lane] {
                queues[queue].append(action.index)
            } else {
                queueOfLane[action.lane] = queues.count
                queues.append([action.index])
            }
        }
        var result: [Int] = []
        while result.count < actions.count {
            let waiting = queues.indices.filter { !queues[$0].isEmpty }
            guard let queue = waiting.randomElement(using: &generator) else { break }
            result.append(queues[queue].removeFirst())
        }
        return result
    }
}

extension ReplayPlan.Action {
    fileprivate func moved(to index: Int) -> Self {
        Self(index: index, lane: lane, session: session, packetID: packetID, at: at, kind: kind, after: after)
    }
}

extension ReplayPlan.Expectation {
    fileprivate func renumbered(_ number: (Int) -> Int) -> Self {
        var kind = kind
        if case .ack(let action, let event, let arguments) = kind {
            kind = .ack(action: number(action), event: event, arguments: arguments)
        }
        return Self(
            index: index, lane: lane, session: session, packetID: packetID, at: at, kind: kind, after: after,
            answers: answers.map(number), broadcastID: broadcastID, holdsVariables: holdsVariables, isOptional: isOptional,
            hasOffset: hasOffset)
    }
}
