public import CoreMetrics
public import HTTPTypes
public import SocketIOWire

/// How an Engine.IO server behaves. The defaults are those of Node's server.
public struct EngineOptions: Sendable {
    // MARK: Where

    /// Requests whose path begins with this are taken.
    public var path = "/socket.io/"
    /// Whether ``path`` is taken to end with a slash, so that `/socket.io` without one, or `/socket.ioX`, is somebody else's.
    public var addTrailingSlash = true
    /// Whether the path is taken without its slash as well. Node does not.
    public var acceptsPathWithoutSlash = false
    /// Files below ``path``, such as the browser client: asked for each request without a `transport`, before the engine.
    public var fileHandler: (@Sendable (EngineRequest) -> EngineResponse?)?

    // MARK: Time

    /// How long after a pong the next ping is sent.
    public var pingInterval: Duration = .seconds(25)
    /// How long a client may take to answer a ping.
    public var pingTimeout: Duration = .seconds(20)
    /// How long a half-finished upgrade may last before its WebSocket, and only that, is closed.
    public var upgradeTimeout: Duration = .seconds(10)
    /// How long a session that the server closed waits for the client's next poll, to tell it.
    public var pollingCloseTimeout: Duration = .seconds(30)

    // MARK: Sizes

    /// The largest message or polling body a client may send, in bytes.
    public var maxHTTPBufferSize = 1_000_000
    /// Bytes that may wait to be sent to one client. A client that is slower is disconnected, with a reason that says so.
    public var maxBufferedBytes = 16 << 20

    // MARK: Transports

    /// The transports that clients may use.
    public var transports: Set<TransportKind> = Set(TransportKind.allCases)
    /// Whether clients are told that they may change from polling to WebSocket. One that does it unasked is let through in any case.
    public var allowUpgrades = true
    /// Whether clients of Socket.IO 2 may connect (Engine.IO 3): also those without an `EIO` in their query.
    public var allowEIO3 = false
    /// A message that each client gets right after the handshake, in the same answer where it polls.
    public var initialPacket: ParserMessage?
    /// Compression of polling answers, for clients that accept it.
    public var httpCompression: HTTPCompression? = HTTPCompression()
    /// The WebSocket extension permessage-deflate, for clients that offer it. Off: it costs time, and clients hold memory for it.
    public var perMessageDeflate: PerMessageDeflate?
    /// A WebSocket upgrade that nobody takes, on a server of our own: whether its connection is ended without an answer, and when. Otherwise
    /// it is answered like any other path that nobody knows.
    public var destroyUpgrade = true
    /// How long such a connection is kept.
    public var destroyUpgradeTimeout: Duration = .seconds(1)

    // MARK: Who may connect

    /// Which pages of other origins may use the server from a browser. It refuses no request: see ``allowedOrigins``.
    public var cors = CORS.disabled
    /// If set, handshakes from pages of other origins are refused. Requests without an `Origin` are not from a page.
    public var allowedOrigins: Set<String>?
    /// Decides about each handshake; all are allowed unless set. Starts on the event loop, which it must not block.
    public var allowRequest: (@Sendable (EngineRequest) async -> Admission)?
    /// Sees each request below ``path``, upgrades too, in order, before the engine.
    public var middleware: [EngineMiddleware] = []

    // MARK: Answers

    /// A cookie with the session's id on polling handshakes, for load balancers; none unless set.
    public var cookie: Cookie?
    /// Makes the secret ids of sessions, which must never repeat; 20 random characters unless set.
    public var generateID: (@Sendable (EngineRequest) async throws -> String)?
    /// Header fields to add to the first answer of a session.
    public var initialHeaders: (@Sendable (EngineRequest) -> HTTPFields)?
    /// Header fields to add to every answer of a session.
    public var headers: (@Sendable (EngineRequest) -> HTTPFields)?
    /// Told of each request that was refused, on its event loop.
    public var onConnectionError: (@Sendable (EngineRequest, HandshakeError) -> Void)?

    // MARK: What is counted

    /// Where counters and gauges go; the process's own factory of swift-metrics unless set.
    public var metricsFactory: (any MetricsFactory)?

    public init() {}

    /// What compresses polling answers: gzip or deflate, as the client prefers.
    public struct HTTPCompression: Sendable, Hashable {
        /// Bytes from which on it is worth it.
        public var threshold = 1024

        public init() {}
    }

    /// The WebSocket extension of RFC 7692, here always without context takeover.
    public struct PerMessageDeflate: Sendable, Hashable {
        /// Bytes from which on a message is compressed.
        public var threshold = 1024

        public init() {}
    }

    /// What ``cookie`` looks like.
    public struct Cookie: Sendable, Hashable {
        /// Name of the cookie.
        public var name = "io"
        /// What follows the value.
        public var attributes = "Path=/; HttpOnly; SameSite=Lax"

        public init() {}
    }

    /// The answer of ``allowRequest``.
    public enum Admission: Sendable, Hashable {
        case allowed
        /// Refused; the client is told the text.
        case refused(String)
    }
}

/// Looks at a request before the engine does.
///
/// A middleware that throws makes the client's request a bad one (code 3).
public typealias EngineMiddleware = @Sendable (EngineRequest) async throws -> EngineMiddlewareOutcome

/// What a middleware makes of a request.
public enum EngineMiddlewareOutcome: Sendable {
    case next
    /// Answers in place of the engine; an upgrade request is hung up on instead.
    case respond(EngineResponse)
}
