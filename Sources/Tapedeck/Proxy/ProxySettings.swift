public import SocketIO
public import SocketIOClient

/// What a proxy needs to know.
public struct ProxySettings: Sendable {
    /// Scheme, host and port of the server; its path is of no matter, requests keep theirs.
    public var upstream: ServerURL
    /// Path of the server's Socket.IO endpoint, with a slash at its end.
    public var path = "/socket.io/"
    /// Whether the server's certificate must be valid.
    public var verifiesCertificate = true
    /// How long a connection to the server may take.
    public var connectTimeout = Duration.seconds(10)
    /// Bytes of a message or of a polling body that are looked into; a larger one is passed on, and counted as not recorded.
    public var maxMessageSize = 16 << 20
    /// How packets are written; nil for JSON.
    public var parser: (any PacketParser)?
    /// Asked before a session begins, on event loops: a sentence refuses it, with status 503.
    public var refusal: @Sendable () -> String? = { nil }

    public init(upstream: ServerURL) { self.upstream = upstream }
}
