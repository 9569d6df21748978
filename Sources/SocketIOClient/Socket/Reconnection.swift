/// How a client connects again by itself after its connection broke or could not be opened. It does so only if it is given one of these.
///
/// The delay before an attempt doubles with each one, up to ``delayMax``, and is then moved by chance, so that the clients of a server that
/// was started again do not all come at once (section 4.3 of the behaviour notes).
public struct Reconnection: Sendable, Hashable {
    /// Attempts after which the client gives up.
    public var attempts = Int.max
    /// The delay before the first attempt.
    public var delay: Duration = .seconds(1)
    /// The longest delay.
    public var delayMax: Duration = .seconds(5)
    /// How far chance may move a delay, as a part of it: 0 to 1.
    public var randomizationFactor = 0.5

    public init() {}

    /// The delay before an attempt.
    ///
    /// - Parameters:
    ///   - attempt: counted from 1.
    ///   - chance: from -1 to 1, where in its range the delay falls.
    func delay(beforeAttempt attempt: Int, chance: Double) -> Duration {
        let doubled = delay * Double(1 << min(attempt - 1, 30))
        let moved = doubled * (1 + min(max(randomizationFactor, 0), 1) * min(max(chance, -1), 1))
        return min(max(moved, .zero), delayMax)
    }
}

/// What becomes of a client's attempts to connect again.
public enum ReconnectionEvent: Sendable {
    /// An attempt begins; they are counted from 1 since the connection was lost.
    case attempt(Int)
    /// The attempt under way failed.
    case error(EngineClientError)
    /// It was the last one: the client gives up.
    case failed
    /// The attempt with this number succeeded. Sockets are joining their namespaces.
    case reconnected(attempt: Int)
}
