/// Connection state recovery: a client that was cut off and comes back in time gets its id, its rooms and its data again, and the events that
/// it missed (section 1.M of the behaviour notes).
///
/// While it is on, every event that is neither volatile nor asks for an ack has one more argument, a string, by which the client says how far it
/// got. Listeners of the client see it as their last argument, as with any Socket.IO server that recovers. What is kept is bounded: a client that was away for longer than that reaches
/// back is a new one.
public struct ConnectionStateRecovery: Sendable, Hashable {
    /// How long a client may be away.
    public var maxDisconnectionDuration: Duration = .seconds(120)
    /// Whether a recovered client passes by the connection middleware. Its authentication may have expired meanwhile: turn it off to check anew.
    public var skipMiddlewares = true
    /// Events of a namespace that are kept; the oldest are dropped first.
    public var maxPackets = 10_000
    /// Bytes of those events.
    public var maxBytes = 32 << 20
    /// Clients of a namespace that may be away at a time.
    public var maxSessions = 10_000

    public init() {}
}

extension DisconnectReason {
    /// Whether a client that left so may come back: not if one of the sides wanted it, or did not understand the other (row M4).
    var isRecoverable: Bool {
        switch self {
        case .transportError, .transportClose, .forcedClose, .pingTimeout, .serverShuttingDown, .forcedServerClose: true
        default: false
        }
    }
}
