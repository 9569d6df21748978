public import SocketIOWire
import Tape

/// Something about a tape that will make trouble when it is a fixture.
public struct LintFinding: Sendable, Hashable {
    /// What was looked for.
    public enum Check: String, Sendable, CaseIterable {
        /// Dates that clients send and that were to come when it was recorded: they expire.
        case dates
        /// What the server sent by itself, or long after its cause.
        case timers
        /// Acks that nobody gave.
        case acks
        /// What is not on the tape: gaps, interrupted runs, packets that belong to nothing.
        case gaps
        /// Keys, tokens, card numbers, by their looks.
        case secrets
        /// The time of day in what the server sends: it differs in every run.
        case clock
    }

    public let check: Check
    /// In one sentence.
    public let message: String
    /// Who, as `ann (session 2)`.
    public let session: String?
    public let packetID: Int64?
    /// How often the same was found.
    public internal(set) var count = 1
    /// What to do about it: a flag or a rule, ready to paste.
    public let remedy: String?

    /// As one or two lines.
    public var text: String {
        var line = "\(check.rawValue): \(message)"
        if let session { line += " · \(session)" }
        if let packetID { line += " · packet \(packetID)" }
        if count > 1 { line += " · \(count) times" }
        return line + (remedy.map { "\n   \($0)" } ?? "")
    }

    public var json: JSONValue {
        [
            "check": .string(check.rawValue), "message": .string(message), "session": session.map { .string($0) } ?? .null,
            "packet": packetID.map { .integer($0) } ?? .null, "count": .integer(Int64(count)),
            "remedy": remedy.map { .string($0) } ?? .null,
        ]
    }
}
