/// What the receivers of a broadcast answered.
public struct BroadcastAckResult<Answer: Sendable>: Sendable {
    /// One entry per receiver: its answer, or why there is none.
    public let responses: [SocketID: Result<Answer, AckError>]

    /// The answers that came.
    public var answers: [SocketID: Answer] {
        responses.compactMapValues { try? $0.get() }
    }

    /// Who did not answer, and why.
    public var failures: [SocketID: AckError] {
        responses.compactMapValues { result in
            if case .failure(let error) = result { error } else { nil }
        }
    }

    /// Whether every receiver answered.
    public var isComplete: Bool { failures.isEmpty }
}
