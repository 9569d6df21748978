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

    /// How long the server took for one sort of packet.
    public struct Latency: Sendable, Hashable {
        /// An event's name, `ack of EVENT` or `connect`.
        public let name: String
        public let count: Int
        /// Half of them took at most this long, and so on.
        public let p50: Duration
        public let p90: Duration
        public let p99: Duration
        public let max: Duration
    }

    /// The differences, the earliest in the recording first. One cause is one finding.
    public let findings: [ReplayFinding]
    /// Recorded connections and sessions that were driven.
    public let connections: Int
    public let sessions: Int
    /// Acts of clients: on the tape, done, and skipped because what they need did not happen.
    public let actions: Int
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
    /// What each session is called, in the order of the recording.
    public let sessionLabels: [String]
    /// From an act to what it brought, by event. Without ``ReplayOptions/Pace/flood`` one act at a time is under way.
    public let latencies: [Latency]
    /// How many copies of every client there were.
    public let copies: Int
    /// It was stopped before its end: the report covers what had happened by then.
    public let isInterrupted: Bool
    /// How long the replay took.
    public let duration: Duration
    /// How many runs it took to say this: more than 1 only where a run with differences was tried again. The findings are the first run's.
    public internal(set) var tries = 1
    /// The first run had differences and a later one had none: whether the server is right depends on chance. That is no pass.
    public internal(set) var isFlaky = false

    /// Everything that was recorded came again, and nothing else came.
    public var isMatch: Bool { findings.isEmpty && !isInterrupted }

    /// This report, its run having been tried again.
    /// - Parameters:
    ///   - tries: how many runs there were, this one among them; above 1.
    ///   - isFlaky: whether the last of them came out right.
    public func retried(tries: Int, isFlaky: Bool) -> ReplayReport {
        var report = self
        report.tries = tries
        report.isFlaky = isFlaky
        return report
    }

    /// Whether there is a finding of this grade or above.
    public func fails(on grade: ReplayFinding.Grade) -> Bool { findings.contains { $0.grade >= grade } }
}
