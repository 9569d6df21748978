import NIOCore

/// Watches that the server pings, or answers pings where the client sends them: the next sign must come within pingInterval + pingTimeout.
/// A value; the time is given to it.
struct HeartbeatWatch {
    private let patience: TimeAmount
    private(set) var deadline: NIODeadline

    init(_ handshake: EngineHandshake, now: NIODeadline) {
        patience = TimeAmount(handshake.pingInterval) + TimeAmount(handshake.pingTimeout)
        deadline = now + patience
    }

    /// A ping came, or in revision 3 a pong. Nothing else counts as a sign of life (trap 12 of the behaviour notes).
    mutating func heard(now: NIODeadline) {
        deadline = now + patience
    }

    func hasExpired(now: NIODeadline) -> Bool {
        now >= deadline
    }
}
