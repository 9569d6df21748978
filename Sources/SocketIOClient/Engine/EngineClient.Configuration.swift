public import NIOCore
import NIOPosix
public import SocketIOWire

extension EngineClient {
    /// Where to connect to, and how.
    public struct Configuration: Sendable {
        /// When to leave polling for WebSocket.
        public enum Upgrade: Sendable, Hashable {
            /// As soon as the connection is open, if the server offers it.
            case automatic
            /// When ``EngineClient/upgrade()`` is called.
            case manual
            case never
        }

        public var url: ServerURL
        /// The engine's path on the server.
        public var path = "/socket.io/"
        /// The transports that may be used. The connection starts with the first; with `[.polling, .webSocket]` it may be upgraded.
        public var transports: [ClientTransport] = [.polling, .webSocket]
        public var upgrade: Upgrade = .automatic
        /// Revision of the Engine.IO protocol: 4, or 3 for servers of Socket.IO 2 and those that let such clients in.
        public var protocolVersion = 4
        /// How Socket.IO packets are written; nil is JSON. The server must use the same.
        public var parser: (any PacketParser)?
        /// Sent with each request, the WebSocket's included.
        public var headers: [(name: String, value: String)] = []
        /// Added to the query of each request; values are percent-encoded.
        public var query: [(name: String, value: String)] = []
        /// Whether the server's certificate must be valid and fit its name.
        public var verifiesCertificate = true
        /// How long opening the connection may take, and an upgrade.
        public var connectTimeout: Duration = .seconds(20)
        /// How long a graceful close waits for the server before the connections are dropped.
        public var closeTimeout: Duration = .seconds(5)
        /// The most bytes that a response body or a WebSocket message may have. A polling response can hold all that the server had waiting.
        public var maximumMessageSize = 64 << 20
        /// The loops to run on; one of them is taken for the connection.
        public var eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

        public init(url: ServerURL) {
            self.url = url
        }

        /// - Throws: ``EngineClientError/invalidURL(_:problem:)``.
        public init(url: String) throws(EngineClientError) {
            self.init(url: try ServerURL(url))
        }

        var revision: EngineRevision { EngineRevision(rawValue: protocolVersion) ?? .four }

        var mayUpgrade: Bool {
            transports.first == .polling && transports.contains(.webSocket) && upgrade != .never
        }
    }
}
