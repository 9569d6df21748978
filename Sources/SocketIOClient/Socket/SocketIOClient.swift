public import Logging
public import NIOCore
public import SocketIOWire

/// A client of a Socket.IO server: one connection, any number of namespaces.
///
/// ```swift
/// let client = try SocketIOClient("http://localhost:3000")
/// let socket = client.socket()
/// socket.on("news") { (text: String) in print(text) }
/// socket.connect()
/// ```
///
/// The connection is opened when the first socket connects and closed when the last one has disconnected. It is opened again by itself after it
/// broke only if the client is given a ``Reconnection``: replays and tests want to see the end.
///
/// All methods may be called from any thread; handlers run on ``eventLoop``.
public final class SocketIOClient: Sendable {
    private let connection: ClientConnection
    private let url: ServerURL

    /// - Parameters:
    ///   - limits: what a packet of the server may ask for; by default many more attachments than a server takes from a client.
    ///   - reconnection: how to connect again by itself; nil not to.
    public init(
        _ configuration: EngineClient.Configuration, limits: SocketPacketLimits = SocketPacketLimits(maxAttachments: 10_000),
        reconnection: Reconnection? = nil, logger: Logger = Logger(label: "SocketIOClient")
    ) {
        url = configuration.url
        connection = ClientConnection(configuration, limits: limits, reconnection: reconnection, logger: logger)
    }

    /// A client with the default configuration.
    ///
    /// - Throws: ``EngineClientError/invalidURL(_:problem:)``.
    public convenience init(_ url: String) throws(EngineClientError) {
        self.init(try EngineClient.Configuration(url: url))
    }

    /// The loop that the connection and all handlers run on.
    public var eventLoop: any EventLoop { connection.eventLoop }

    /// The socket of a namespace, always the same while somebody holds it or it is connected.
    ///
    /// - Parameter namespace: such as `/chat`; nil for the one that the client's address names, `/` by default.
    public func socket(_ namespace: String? = nil) -> ClientSocket {
        let name = namespace ?? url.namespace
        return connection.socket(name.hasPrefix("/") ? name : "/" + name)
    }

    // MARK: The connection

    public var isOpen: Bool { connection.engine?.isOpen ?? false }
    /// What the server announced; nil while there is no connection.
    public var handshake: EngineHandshake? { connection.engine?.handshake }
    /// The transport in use; nil while there is no connection.
    public var transport: ClientTransport? { connection.engine?.transport }

    /// Opens the connection without joining a namespace; sockets do it by themselves.
    ///
    /// - Throws: what prevented it.
    @discardableResult
    public func open() async throws(EngineClientError) -> EngineHandshake {
        try await connection.open().open()
    }

    /// Closes the connection, whatever sockets are connected: each gets `forced close`.
    public func close() {
        connection.engine?.close()
    }

    /// Drops the connection without telling the server.
    public func abort() {
        connection.engine?.abort()
    }

    /// Moves a polling connection to WebSocket now; for ``EngineClient/Configuration/Upgrade/manual``.
    public func upgrade() async throws(EngineClientError) {
        guard let engine = connection.engine else { throw .notOpen("the connection is not open") }
        try await engine.upgrade()
    }

    /// Closes the connection and waits until it is gone.
    public func closeAndWait() async {
        guard let engine = connection.engine else { return }
        engine.close()
        await engine.waitUntilEnded()
    }

    // MARK: What happens on it

    /// Calls the handler with each Socket.IO packet that comes, in the order of the wire, before anything else is done with it.
    /// There is one such handler; another replaces it.
    public func onPacket(_ handler: @escaping @Sendable (SocketPacket) -> Void) {
        connection.setHandlers(packet: handler)
    }

    /// Calls the handler with what happens on the connection below: opened, upgraded, messages, closed.
    /// There is one such handler; another replaces it.
    public func onEngineEvent(_ handler: @escaping @Sendable (EngineClientEvent) -> Void) {
        connection.setHandlers(engineEvent: handler)
    }

    /// Calls the handler when an event could not be sent, or a handler failed. There is one such handler; another replaces it.
    public func onError(_ handler: @escaping @Sendable (SocketIOClientError) -> Void) {
        connection.setHandlers(error: handler)
    }

    /// Calls the handler with what becomes of the attempts to connect again, on ``eventLoop``. There is one such handler; another replaces it.
    public func onReconnection(_ handler: @escaping @Sendable (ReconnectionEvent) -> Void) {
        connection.setHandlers(reconnection: handler)
    }

    // MARK: Packets without a socket

    /// Sends an event as it is, whatever the state of its namespace. Dropped while there is no connection.
    public func sendEvent(namespace: String, name: String, arguments: JSONArguments, ackID: UInt64? = nil) {
        connection.send(SocketPacketEncoder.encodeEvent(namespace: namespace, name: name, arguments: arguments, ackID: ackID))
    }

    /// Answers an event that ``onPacket(_:)`` told of.
    public func sendAck(namespace: String, ackID: UInt64, arguments: JSONArguments) {
        connection.send(SocketPacketEncoder.encodeAck(namespace: namespace, ackID: ackID, arguments: arguments))
    }

    /// Asks to join a namespace; the answer comes to ``onPacket(_:)``.
    public func sendConnect(namespace: String, auth: JSONValue? = nil) {
        if let message = connection.connectMessage(namespace, auth: auth) { connection.engine?.send(message) }
    }

    /// Leaves a namespace.
    public func sendDisconnect(namespace: String) {
        connection.send(SocketPacketEncoder.encodeDisconnect(namespace: namespace))
    }
}
