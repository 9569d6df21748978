import EngineIO
public import Logging
public import NIOCore
import SocketIOWire
import Synchronization

/// One client in one namespace: send it events, hear its events, put it into rooms.
///
/// ```swift
/// io.onConnection { socket in
///     socket.emit("news", ["hello": "world"])
///     socket.on("private message") { (from: String, text: String) in … }
///     socket.on("ferret") { (name: String) in "woot" }      // the returned value is the ack
///     socket.onDisconnect { reason in io.emit("user disconnected") }
/// }
/// ```
///
/// All methods may be called from any thread. Handlers run on the event loop of the socket's connection, and must not block it;
/// asynchronous ones start there in the order of arrival, and come back to it after each `await`.
///
/// Sendable by hand: what changes is either behind a lock or an atomic (`storedData`, `connected`) or touched on the connection's
/// event loop only, which every entry asserts.
public final class Socket: @unchecked Sendable {
    enum State {
        /// The middleware runs: the socket may emit and join rooms, but hears nothing yet.
        case connecting
        case connected
        case disconnecting
        case disconnected
    }

    /// Public id: 20 random characters, nothing to do with the connection's secret id (trap 42 of the behaviour notes). Only clients of
    /// Socket.IO 2 take the connection's id for it (row H9), so that one is no secret then.
    public let id: SocketID
    /// The namespace it has joined, or is about to.
    public let namespace: Namespace
    /// Process-wide number of the socket, from 1; names it in a recording.
    package let number: UInt64
    let client: ClientConnection
    let authPayload: ByteBuffer?
    /// What it had before it was cut off.
    private let recoveredSession: RecoveredSession?
    /// By which the client may get all that back if it is cut off; as secret as the connection's id.
    private let pid: String?
    /// Where in the namespace's events its own begin.
    private let start: UInt64

    private let connected = Atomic<Bool>(false)
    let storedData = Mutex<[String: any Sendable]>([:])

    // On the event loop only.
    var state = State.connecting
    var handlers = SocketHandlers()
    var acks = AckTable()
    /// Number of the last broadcast that met this socket: keeps it from getting one twice, or from getting one that leaves it out.
    var lastBroadcast: UInt64 = 0

    init(number: UInt64, client: ClientConnection, namespace: Namespace, auth: ByteBuffer?, recovered: RecoveredSession? = nil) {
        recoveredSession = recovered
        pid = namespace.recovery == nil || client.isLegacy ? nil : recovered?.session.pid ?? RandomID.make()
        start = recovered?.session.start ?? namespace.recovery?.position ?? 0
        self.id = recovered?.session.id ?? Self.newID(client, namespace)
        if let recovered { storedData.withLock { $0 = recovered.session.data } }
        self.number = number
        self.client = client
        self.namespace = namespace
        // A copy of its own: the slice would keep the whole read buffer alive.
        self.authPayload = auth.map { ByteBuffer(bytes: $0.readableBytesView) }
    }

    private static func newID(_ client: ClientConnection, _ namespace: Namespace) -> SocketID {
        client.isLegacy ? legacyID(client.connection.id, in: namespace.name) : RandomID.make()
    }

    private static func legacyID(_ connection: String, in namespace: String) -> SocketID {
        namespace == "/" ? connection : "\(namespace)#\(connection)"
    }

    /// Whether this is a client that was cut off and has come back in time, with its id, rooms and data
    /// (``SocketIOServer/Options/connectionStateRecovery``).
    public var recovered: Bool { recoveredSession != nil }

    /// Whether the client was accepted and neither side has disconnected.
    public var isConnected: Bool { connected.load(ordering: .acquiring) }

    /// How the client introduced itself.
    public var handshake: Handshake { Handshake(request: client.connection.request, authPayload: authPayload) }

    /// What the app keeps with this socket.
    public var data: SocketData { SocketData(socket: self) }

    /// The connection that this socket shares with the client's sockets in other namespaces.
    public var connection: SocketConnection { SocketConnection(connection: client.connection) }

    /// The event loop that handlers run on.
    public var eventLoop: any EventLoop { client.eventLoop }

    /// Logs with what tells this socket from others: its id, namespace, connection, transport and address.
    public var logger: Logger {
        var logger = core.options.logger
        for (key, value) in metadata { logger[metadataKey: key] = value }
        return logger
    }

    var metadata: Logger.Metadata {
        [
            "socket": "\(id)", "namespace": "\(namespace.name)", "connection": "\(client.number)",
            "transport": "\(client.connection.transport.rawValue)", "address": "\(client.connection.request.remoteAddress ?? "")",
        ]
    }

    var core: ServerCore { namespace.core }
    var context: LoopContext { client.context }

    func report(_ error: any Error, event: String? = nil) {
        core.report(error, ErrorContext(socket: self, namespace: namespace.name, event: event))
    }

    // MARK: Life

    /// Joins the namespace for good: own room, CONNECT packet; before that what a recovered client has missed.
    func admit() {
        guard let recoveredSession, let log = namespace.recovery else { return admit(missed: []) }
        let session = recoveredSession.session
        for room in session.rooms where room != session.id { namespace.join(self, [room]) }
        log.catchUp(session.rooms, after: recoveredSession.position) { admit(missed: $0) }
    }

    private func admit(missed: [RecoveryLog.Missed]) {
        state = .connected
        connected.store(true, ordering: .releasing)
        core.record(
            .socketConnected(
                TapSocket(
                    number: number, connection: client.number, sid: id, namespace: namespace.name, auth: authPayload, recovered: recovered))
        )
        namespace.admit(self)
        core.metrics.connected(namespace.name)
        for event in missed { client.send(event.message, socket: number, offset: event.offset) }
        // Clients of Socket.IO 2 make the id themselves.
        let secret = pid.map { #","pid":"\#($0)""# } ?? ""
        let payload = client.isLegacy ? nil : ByteBuffer(string: #"{"sid":"\#(id)"\#(secret)}"#)
        client.send(core.packets.connect(namespace: namespace.name, payload: payload), socket: number)
    }

    /// Was never accepted: the middleware refused it, or the client is gone.
    func abandon() {
        state = .disconnected
        namespace.forget(self)
        settleAcks()
        handlers = SocketHandlers()
    }

    /// Ends the socket: `disconnecting` with rooms, then the rooms are left, then `disconnect` (trap 48 of the behaviour notes).
    func finish(reason: DisconnectReason, detail: String?) {
        guard state == .connected else { return }
        state = .disconnecting
        let handlers = handlers
        for (_, handler) in handlers.disconnecting.entries { call(handler, reason, detail) }
        state = .disconnected
        connected.store(false, ordering: .releasing)
        if let pid, reason.isRecoverable, let log = namespace.recovery {
            let data = storedData.withLock { $0 }
            log.save(RecoveryLog.Session(id: id, pid: pid, rooms: rooms, data: data, start: start), now: core.now)
        }
        namespace.remove(self)
        core.record(.socketDisconnected(socket: number, reason: reason.rawValue))
        core.metrics.disconnected(namespace.name, reason)
        core.options.logger.debug(
            "socket disconnected", metadata: metadata.merging(["reason": "\(reason)", "detail": "\(detail ?? "")"]) { $1 })
        settleAcks()
        let last = self.handlers
        // Handlers often hold the socket itself.
        self.handlers = SocketHandlers()
        for (_, handler) in last.disconnect.entries { call(handler, reason, detail) }
        client.didLeave(namespace)
    }

    private func call(_ handler: @escaping SocketHandlers.Disconnect, _ reason: DisconnectReason, _ detail: String?) {
        context.start {
            do { try await handler(reason, detail) } catch { self.report(error, event: "disconnect") }
        }
    }

    private func settleAcks() {
        let pending = acks.removeAll()
        context.settled(pending.count)
        for completion in pending { completion(.failure(.disconnected)) }
    }

    /// Disconnects this socket from its namespace.
    ///
    /// What was emitted before still goes out. Does nothing before the socket is connected (in a middleware) or after it was disconnected.
    /// Sockets of the same client in other namespaces stay, unless `closeConnection` is true: then all of them are disconnected, and the
    /// connection is closed once everything is written.
    public func disconnect(closeConnection: Bool = false) {
        context.perform {
            guard self.state == .connected else { return }
            if closeConnection {
                self.client.disconnectAll()
            } else {
                self.disconnectByServer()
            }
        }
    }

    func disconnectByServer() {
        guard state == .connected else { return }
        client.send(core.packets.disconnect(namespace: namespace.name), socket: number)
        client.forget(self, ignoringLatePackets: true)
        finish(reason: .serverNamespaceDisconnect, detail: nil)
    }
}

/// What a client that has come back left behind, and the last event that it has got.
struct RecoveredSession: Sendable {
    let session: RecoveryLog.Session
    let position: UInt64
}

extension Socket: RoomMember {
    package var lane: Int { client.context.lane }
}

extension Socket: Hashable {
    public static func == (left: Socket, right: Socket) -> Bool { left === right }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
