/// Why a socket was disconnected: one of the texts that Socket.IO uses everywhere.
public struct DisconnectReason: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The text, as it stands on the wire and on tapes.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The connection failed: a broken network, a request that does not fit.
    public static let transportError = Self(rawValue: "transport error")
    /// The client's end of the connection went away.
    public static let transportClose = Self(rawValue: "transport close")
    /// The server closed the connection because of what the client sent.
    public static let forcedClose = Self(rawValue: "forced close")
    /// The client did not answer a ping in time.
    public static let pingTimeout = Self(rawValue: "ping timeout")
    /// The client sent something that is no Engine.IO packet.
    public static let parseError = Self(rawValue: "parse error")
    /// The server is being shut down.
    public static let serverShuttingDown = Self(rawValue: "server shutting down")
    /// The server closed the connection because a packet did not belong to any namespace that the client had joined.
    public static let forcedServerClose = Self(rawValue: "forced server close")
    /// The client called `disconnect()`.
    public static let clientNamespaceDisconnect = Self(rawValue: "client namespace disconnect")
    /// The server called ``Socket/disconnect(closeConnection:)``.
    public static let serverNamespaceDisconnect = Self(rawValue: "server namespace disconnect")

    public var description: String { rawValue }
}
