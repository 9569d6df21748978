import NIOCore
import SocketIOWire

/// Finds out which act of a client made the server send what it sent.
///
/// A tape does not say it, so it is a matter of evidence: what the act carried comes back, its sender's id too; the sender is the receiver;
/// the event has the same name; and of several acts the last.
struct MockCauses {
    /// What a handler sends without any evidence follows its act that soon; in microseconds.
    private static let shortly: Int64 = 250_000
    /// With evidence it may take longer.
    private static let longest: Int64 = 10_000_000
    /// How many acts are looked back over.
    private static let depth = 32

    private let plan: ReplayPlan
    private var leaves: [Int: Set<JSONValue>] = [:]
    private var ofBroadcast: [Int64: Int?] = [:]

    private let idsOfLane: [Int: Set<JSONValue>]

    init(plan: ReplayPlan) {
        self.plan = plan
        var ids: [Int: Set<JSONValue>] = [:]
        for session in plan.sessions {
            if let id = plan.socketID(of: session) { ids[session.lane, default: []].insert(.string(id)) }
        }
        idsOfLane = ids
    }

    /// The action that caused an expectation; `nil` for what came by itself.
    mutating func cause(of expectation: ReplayPlan.Expectation) -> Int? {
        if let answers = expectation.answers { return answers }
        guard let broadcast = expectation.broadcastID else { return find(expectation) }
        if let known = ofBroadcast[broadcast] { return known }
        let cause = find(expectation)
        ofBroadcast[broadcast] = .some(cause)
        return cause
    }

    private mutating func find(_ expectation: ReplayPlan.Expectation) -> Int? {
        var best: (action: Int, score: Int)?
        var carried: Set<JSONValue>?
        for index in stride(from: expectation.after - 1, through: max(0, expectation.after - Self.depth), by: -1) {
            let action = plan.actions[index]
            let distance = expectation.at - action.at
            if distance > Self.longest { break }
            guard action.isHeard else { continue }
            let sent = leaves(of: action)
            if carried == nil { carried = Self.leaves(of: expectation.arguments) }
            var score = 4 * min(3, sent.intersection(carried ?? []).count)
            if score == 0, distance > Self.shortly { continue }
            if expectation.broadcastID == nil, action.lane == expectation.lane { score += 2 }
            if case .emit(let name, _, _) = action.kind, name == expectation.ruleName { score += 1 }
            if score > best?.score ?? -1 { best = (index, score) }
        }
        return best?.action
    }

    private mutating func leaves(of action: ReplayPlan.Action) -> Set<JSONValue> {
        if let known = leaves[action.index] { return known }
        let found = Self.leaves(of: action.arguments).union(idsOfLane[action.lane] ?? [])
        leaves[action.index] = found
        leaves[action.index - 2 * Self.depth] = nil
        return found
    }

    /// What can hardly be there by chance: no truth values, no small numbers, no empty texts.
    private static func leaves(of values: [JSONValue]) -> Set<JSONValue> {
        var found: Set<JSONValue> = []
        for value in values { collect(value, into: &found) }
        return found
    }

    private static func collect(_ value: JSONValue, into found: inout Set<JSONValue>) {
        switch value {
        case .string(let text): if text.utf8.count > 1 { found.insert(value) }
        case .integer(let number): if number.magnitude > 9 { found.insert(value) }
        case .number: found.insert(value)
        case .binary(let bytes): if bytes.readableBytes > 0 { found.insert(value) }
        case .array(let elements): for element in elements { collect(element, into: &found) }
        case .object(let object): for (_, element) in object { collect(element, into: &found) }
        case .null, .bool: break
        }
    }
}

extension ReplayPlan.Action {
    /// Whether an application can hear of it.
    var isHeard: Bool {
        switch kind {
        case .open, .upgrade: false
        case .connect, .emit, .answer, .leave, .close, .cut: true
        }
    }
}
