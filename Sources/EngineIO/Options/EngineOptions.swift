public import HTTPTypes

/// How an Engine.IO server behaves. The defaults are those of Node's server.
public struct EngineOptions: Sendable {
    /// Requests whose path begins with this are taken. Begins and ends with a slash.
    public var path = "/socket.io/"
    /// How long after a pong the next ping is sent.
    public var pingInterval: Duration = .seconds(25)
    /// How long a client may take to answer a ping.
    public var pingTimeout: Duration = .seconds(20)
    /// How long a half-finished upgrade may last before its WebSocket, and only that, is closed.
    public var upgradeTimeout: Duration = .seconds(10)
    /// The largest message or polling body a client may send, in bytes.
    public var maxHTTPBufferSize = 1_000_000
    /// Bytes that may wait to be sent to one client. A client that is slower is disconnected, with a reason that says so.
    public var maxBufferedBytes = 16 << 20
    /// The transports that clients may use.
    public var transports: Set<TransportKind> = Set(TransportKind.allCases)
    /// Whether clients are told that they may change from polling to WebSocket.
    public var allowUpgrades = true
    /// How long a session that the server closed waits for the client's next poll, to tell it.
    public var pollingCloseTimeout: Duration = .seconds(30)
    /// Which pages of other origins may use the server from a browser.
    public var cors = CORS.disabled
    /// A cookie with the session's id on polling handshakes, for load balancers; none unless set.
    public var cookie: Cookie?
    /// Decides about each handshake, on the event loop that it came on; all are allowed unless set.
    public var allowRequest: (@Sendable (EngineRequest) async -> Admission)?
    /// Makes the secret ids of sessions; 20 random characters unless set.
    public var generateID: (@Sendable (EngineRequest) -> String)?
    /// Header fields to add to the first answer of a session.
    public var initialHeaders: (@Sendable (EngineRequest) -> HTTPFields)?
    /// Header fields to add to every answer of a session.
    public var headers: (@Sendable (EngineRequest) -> HTTPFields)?
    /// Files below ``path``, such as the browser client: asked for each request without a `transport`, before the engine.
    public var fileHandler: (@Sendable (EngineRequest) -> EngineResponse?)?

    public init() {}

    /// Cross-origin resource sharing. It tells browsers what a page may read; it refuses no request.
    public enum CORS: Sendable, Hashable {
        /// No CORS headers: pages of other origins cannot use polling.
        case disabled
        /// Pages of any origin, without cookies.
        case any
        /// Pages of these origins, such as `https://example.com`.
        case origins(Set<String>, credentials: Bool)

        public static func origins(_ origins: [String]) -> CORS { .origins(Set(origins), credentials: false) }
    }

    public struct Cookie: Sendable, Hashable {
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
