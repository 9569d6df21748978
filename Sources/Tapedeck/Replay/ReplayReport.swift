/// The verdict of a replay.
public struct ReplayReport: Sendable {
    /// A rule and how many differences it has accepted.
    public struct RuleUse: Sendable, Hashable {
        public let rule: String
        public let count: Int
    }

    /// A value of the recording that was another in this run.
    public struct Rewriting: Sendable, Hashable {
        /// `socket id`, `engine id` or `server value`.
        public let kind: String
        public let recorded: String
        /// `nil` if the server never made it.
        public let now: String?
        /// The packet of the tape that brought it first.
        public let packetID: Int64?
        public let path: String
    }

    /// The differences, the earliest in the recording first. One cause is one finding.
    public let findings: [ReplayFinding]
    /// Recorded connections and sessions that were driven.
    public let connections: Int
    public let sessions: Int
    /// Acts of clients: done, and skipped because what they need did not happen.
    public let actionsSent: Int
    public let actionsSkipped: Int
    /// What the server had sent in the recording, how much of it was compared with something, and how much was equal.
    public let expected: Int
    public let compared: Int
    public let matched: Int
    /// What could not come because of an earlier difference.
    public let downstream: Int
    /// Packets that came.
    public let received: Int
    /// What limits the verdict: gaps and interruptions of the tape, connections that were skipped.
    public let limits: [String]
    /// What happened on the way: waits that ran out, barriers that were not answered.
    public let notes: [String]
    public let rules: [RuleUse]
    public let rewritings: [Rewriting]
    /// How long the replay took.
    public let duration: Duration

    /// Everything that was recorded came again, and nothing else came.
    public var isMatch: Bool { findings.isEmpty }

    /// Whether there is a finding of this grade or above.
    public func fails(on grade: ReplayFinding.Grade) -> Bool { findings.contains { $0.grade >= grade } }
}
