/// How a recorded server is played.
public struct MockOptions: Sendable {
    /// When the recorded server's packets are sent.
    public enum Pace: String, Sendable, CaseIterable {
        /// At once where the server answered at once (within a second); what a timer or another client brought comes as late as it did then.
        case causal
        /// As long after their cause as in the recording.
        case recorded
        /// All at once.
        case flood
    }

    /// What becomes of that which recorded clients caused whom nobody plays.
    public enum Absent: String, Sendable, CaseIterable {
        /// The server sends it all the same, when it did in the recording: one person sees the others' half of the conversation.
        case play
        /// It is not sent.
        case silent
    }

    public var pace = Pace.causal
    /// How many times faster than the recorded clock. Greater than 0.
    public var speed = 1.0
    public var absent = Absent.play
    /// What a client may send otherwise than it was recorded.
    public var rules: [ReplayRule] = []
    /// Whether the first act that the tape does not know ends the mock.
    public var isStrict = false

    public init() {}
}
