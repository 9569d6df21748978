public import SocketIOWire

/// How a recording is driven again and how strictly what comes back is judged.
public struct ReplayOptions: Sendable {
    /// When a recorded client may act.
    public enum Pace: String, Sendable, CaseIterable {
        /// As soon as everything that had come before that act in the recording has come again. The same order every time.
        case causal
        /// Causal, and not before the recorded clock says so.
        case recorded
        /// At once, in the recorded order; only connects are waited for, requests that are to be answered, and before a connection ends all
        /// that it is still to receive.
        case flood
    }

    /// Which order counts among the events that one session receives.
    public enum Order: String, Sendable, CaseIterable {
        /// All of them as recorded. What independent clients caused may well come in another order.
        case strict
        /// Those of one name that come from one sender.
        case event
        /// None.
        case any
    }

    /// What the connections run over.
    public enum Transport: String, Sendable, CaseIterable {
        case polling
        case webSocket = "websocket"
        /// Polling first, WebSocket as soon as the connection stands.
        case upgrade
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
    public var order = Order.event
    /// Differences that do not matter.
    public var rules: [ReplayRule]
    /// What is sent instead of what was recorded.
    public var overrides: [ReplayOverride] = []
    /// The auth of every connect instead of the recorded one.
    public var auth: JSONValue?
    /// The auth of connects to some namespaces; goes before ``auth``.
    public var namespaceAuth: [String: JSONValue] = [:]
    /// The engine's path on the server; `nil`: as recorded.
    public var path: String?
    /// `nil`: as recorded.
    public var transport: Transport?
    /// Header fields for every request, over those that were recorded.
    public var headers: [(name: String, value: String)]
    /// Only these namespaces; empty: all.
    public var namespaces: Set<String>
    /// Only the connections of these sessions (ids of the tape); empty: all.
    public var sessions: Set<Int64>
    /// Only these events are judged, with their acks; everything is sent all the same. Empty: all.
    public var events: Set<String> = []
    /// Only what happened from this moment of the recording on; connections and connects before it are made all the same.
    public var since: ReplayMoment?
    /// Only what happened before this moment of the recording.
    public var until: ReplayMoment?
    /// Reorders what was concurrent in the recording, and hesitates now and then, as this seed says.
    public var chaos: UInt64?
    /// How many copies of every client there are, side by side. With more than one, of what a server sends to several
    /// clients only what is missing is a difference.
    public var copies: Int = 1
    /// A new tape that keeps what happens.
    public var recordingPath: String?

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

    /// Takes the rules and overrides of a file over, behind those that are there.
    public mutating func add(_ file: ReplayRules) {
        rules += file.rules
        overrides += file.overrides
    }

    var ruleSet: RuleSet { RuleSet(rules, events: events) }
}

/// A moment of a recording.
public enum ReplayMoment: Sendable, Hashable {
    /// Microseconds since 1970.
    case time(Int64)
    /// So long after the first connection.
    case after(Duration)

    func microseconds(start: Int64) -> Int64 {
        switch self {
        case .time(let time): time
        case .after(let duration): start + Int64(duration / .microseconds(1))
        }
    }
}
