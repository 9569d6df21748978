/// Why an ack of the client did not come, or could not be used.
public enum AckError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The client did not answer in time.
    case timedOut
    /// The socket was disconnected before the client answered.
    case disconnected
    /// The waiting task was cancelled.
    case cancelled
    /// Too many acks of this socket are pending already (``SocketIOServer/Limits/pendingAcksPerSocket``).
    case tooManyPending(limit: Int)
    /// The client answered something else than expected.
    case unexpectedAnswer(String)
    /// The event could not be sent: its arguments cannot be encoded or its name is reserved.
    case notSent(String)

    public var description: String {
        switch self {
        case .timedOut: "operation has timed out"
        case .disconnected: "socket has been disconnected"
        case .cancelled: "the waiting task was cancelled"
        case .tooManyPending(let limit):
            "\(limit) acks of this socket are pending already; raise limits.pendingAcksPerSocket or wait for answers"
        case .unexpectedAnswer(let problem): "the client's answer does not fit: \(problem)"
        case .notSent(let problem): "the event was not sent: \(problem)"
        }
    }
}
