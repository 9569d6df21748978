public import SocketIOWire

/// What a mock has played, and what its tape did not know.
public struct MockReport: Sendable {
    /// Sessions that clients opened.
    public internal(set) var clients = 0
    /// Distinct recorded acts (connects, emits, answers) that a client has done.
    public internal(set) var played = 0
    /// How many the tape has.
    public internal(set) var playable = 0
    /// Packets sent to clients, connects left out.
    public internal(set) var sent = 0
    /// The first of what the tape did not know; at most ``shown``.
    public internal(set) var unknown: [UnknownAct] = []
    /// How many that were.
    public internal(set) var unknownCount = 0
    /// What the tape cannot know: its gaps, and where it was interrupted.
    public internal(set) var limits: [String] = []

    /// How many unknown acts are kept word by word.
    public static let shown = 200

    /// Whether the tape knew all that clients did.
    public var isComplete: Bool { unknownCount == 0 }

    mutating func add(_ act: UnknownAct) {
        unknownCount += 1
        if unknown.count < Self.shown { unknown.append(act) }
    }

    /// One line.
    public var verdict: String {
        let scope = "\(Self.count(clients, "client session")), \(played) of \(Self.count(playable, "recorded act")), \(sent) packets sent"
        return isComplete
            ? "known: the tape knew all that clients did (\(scope))"
            : "unknown: \(Self.count(unknownCount, "act")) that the tape does not know (\(scope))"
    }

    /// For people.
    public var text: String {
        var lines: [String] = []
        for (index, act) in unknown.enumerated() {
            let block = act.lines
            lines.append("\(index + 1). \(block.first ?? "")")
            lines += block.dropFirst()
            lines.append("")
        }
        if unknownCount > unknown.count { lines.append("and \(unknownCount - unknown.count) more") }
        for limit in limits { lines.append("limited: \(limit)") }
        lines.append(verdict)
        return lines.joined(separator: "\n") + "\n"
    }

    /// For programs.
    public var json: JSONValue {
        [
            "complete": .bool(isComplete), "clients": .integer(Int64(clients)), "played": .integer(Int64(played)),
            "playable": .integer(Int64(playable)), "sent": .integer(Int64(sent)), "unknown_count": .integer(Int64(unknownCount)),
            "unknown": .array(unknown.map(\.json)), "limits": .array(limits.map { .string($0) }),
        ]
    }

    private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}
