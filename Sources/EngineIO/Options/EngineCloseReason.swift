/// Why a connection ended, in the words that Node's server uses.
public enum EngineCloseReason: String, Sendable, Hashable, CustomStringConvertible {
    /// The transport failed, or the client broke its rules.
    case transportError = "transport error"
    /// The client closed the transport.
    case transportClose = "transport close"
    /// The server closed the connection.
    case forcedClose = "forced close"
    /// The client did not answer a ping in time.
    case pingTimeout = "ping timeout"
    /// The client sent something that is no Engine.IO packet.
    case parseError = "parse error"
    /// The server ends.
    case serverShuttingDown = "server shutting down"

    public var description: String { rawValue }
}
