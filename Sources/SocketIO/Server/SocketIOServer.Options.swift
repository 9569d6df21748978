public import EngineIO
public import Logging
package import NIOCore
public import SocketIOWire

extension SocketIOServer {
    /// Settings of a server, fixed when it is made.
    public struct Options: Sendable {
        /// Settings of the layer below: path, transports, heartbeat, sizes, origins.
        public var engine = EngineOptions()
        /// How long a connection may stay without joining a namespace before it is closed.
        public var connectTimeout: Duration = .seconds(45)
        /// How long to wait for a client's ack where no other timeout is given.
        public var ackTimeout: Duration = .seconds(10)
        /// How long to wait for the other servers of a cluster where no other timeout is given.
        public var clusterTimeout: Duration = .seconds(5)
        /// How long packets for a namespace are ignored after the server has disconnected the socket from it (or refused it): they may have
        /// been on their way. After that such a packet closes the connection.
        public var lateEventGrace: Duration = .seconds(5)
        /// How long the attachments of a packet may keep the client's other packets waiting (trap 37 of the behaviour notes).
        public var attachmentTimeout: Duration = .seconds(30)
        /// Whether the browser client is served: `/socket.io/socket.io.js` and its kin.
        public var serveClient = true
        /// A directory with builds of the client that are served in the place of our own.
        public var clientDirectory: String?
        /// Gives clients that come back what they had and what they missed; off unless set, as with Node.
        public var connectionStateRecovery: ConnectionStateRecovery?
        /// Connects this server with others; alone unless set.
        public var adapter: any Adapter = InMemoryAdapter()
        /// How packets are written; nil is JSON. Clients must use the same.
        public var parser: (any PacketParser)?
        /// Whether a namespace that was made on demand is removed when its last socket has gone. With Node it stays unless asked otherwise.
        public var cleanupEmptyChildNamespaces = true
        /// What one client can make the server keep.
        public var limits = Limits()
        /// The time for what no event loop is asked about; a test gives its own.
        package var now: @Sendable () -> NIODeadline = { .now() }
        /// Where the server says what happens; each line about a socket carries its metadata.
        public var logger = Logger(label: "socket.io")
        /// Sees every packet; nil costs nothing.
        public var tap: (any Tap)?

        public init() {}
    }

    /// Bounds on what one client can make the server keep.
    public struct Limits: Sendable {
        /// Rooms that a socket may be in, its own left out.
        public var roomsPerSocket = 10_000
        /// Acks that the server waits for, per socket.
        public var pendingAcksPerSocket = 10_000
        /// Namespaces that a connection may have joined.
        public var namespacesPerConnection = 100
        /// Namespaces made on demand that may exist at a time.
        public var dynamicNamespaces = 10_000
        /// Packets kept for a namespace while its middleware runs. Their bytes are bounded by twice `engine.maxHTTPBufferSize`.
        public var waitingPacketsPerNamespace = 256
        /// Binary attachments of one packet. Node accepts 10.
        public var attachmentsPerPacket = 10

        public init() {}
    }
}
