/// How a recording is driven again and how strictly what comes back is judged.
public struct ReplayOptions: Sendable {
    /// When a recorded client may act.
    public enum Pace: String, Sendable, CaseIterable {
        /// As soon as everything that had come before that act in the recording has come again. The same order every time.
        case causal
        /// Causal, and not before the recorded clock says so.
        case recorded
        /// At once, in the recorded order; only connections are waited for, and requests that are to be answered.
        case flood
    }

    public var pace: Pace
    /// How many times faster than the recorded clock; only for ``Pace/recorded``. Greater than 0.
    public var speed: Double
    /// How long to wait for what is expected, beyond the time that it took in the recording.
    public var timeout: Duration
    /// How long to watch, at the end, for what is not expected.
    public var settle: Duration
    /// Whether to prove that the server has seen an act by a connect to a namespace that cannot exist.
    public var usesBarrier: Bool
    /// Differences that do not matter.
    public var rules: [ReplayRule]
    /// The engine's path on the server; `nil`: as recorded.
    public var path: String?
    /// Header fields for every request, over those that were recorded.
    public var headers: [(name: String, value: String)]
    /// Only these namespaces; empty: all.
    public var namespaces: Set<String>
    /// Only the connections of these sessions (ids of the tape); empty: all.
    public var sessions: Set<Int64>

    public init(
        pace: Pace = .causal, speed: Double = 1, timeout: Duration = .seconds(5), settle: Duration = .milliseconds(250),
        usesBarrier: Bool = true, rules: [ReplayRule] = [], path: String? = nil, headers: [(name: String, value: String)] = [],
        namespaces: Set<String> = [], sessions: Set<Int64> = []
    ) {
        self.pace = pace
        self.speed = speed
        self.timeout = timeout
        self.settle = settle
        self.usesBarrier = usesBarrier
        self.rules = rules
        self.path = path
        self.headers = headers
        self.namespaces = namespaces
        self.sessions = sessions
    }
}
