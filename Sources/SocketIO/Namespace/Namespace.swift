import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire
import Synchronization

/// A namespace: sockets that share a name, middleware, rooms and handlers, apart from other namespaces on the same connections.
///
/// ```swift
/// let chat = io.of("/chat")
/// chat.use { socket in guard socket.handshake.auth["token"] == "letmein" else { throw ConnectError("unauthorized") } }
/// chat.onConnection { socket in socket.join("lobby") }
/// chat.to("lobby").emit("hello", "everyone")
/// ```
///
/// All methods may be called from any thread.
public final class Namespace: Sendable {
    /// Decides about a connection: returns to admit it, throws to refuse it.
    public typealias Middleware = @Sendable (Socket) async throws -> Void
    /// What is done with each socket that has connected.
    public typealias ConnectionHandler = @Sendable (Socket) async throws -> Void

    /// Begins with a slash.
    public let name: String
    let core: ServerCore
    /// Sockets and rooms: one lock, held for the time of a few array references.
    let table = NIOLockedValueBox(RoomTable<Socket>())
    private let handlers: NamespaceHandlers
    let serverSide: ServerSideEvents
    /// Set if connections can be recovered.
    let recovery: RecoveryLog?
    /// The family that this namespace was made by; its handlers count here too.
    let family: DynamicNamespace?
    /// Ids of the acks that the server asks for, from 0; shared by sockets and broadcasts (trap 56 of the behaviour notes).
    private let ackIDs = Atomic<UInt64>(0)

    init(name: String, core: ServerCore, family: DynamicNamespace? = nil) {
        self.name = name
        self.core = core
        self.family = family
        self.handlers = NamespaceHandlers(core: core)
        self.serverSide = ServerSideEvents(core: core, namespace: name)
        self.recovery = core.options.connectionStateRecovery.map { RecoveryLog($0) }
    }

    // MARK: Sockets

    /// The connected sockets on this server at this moment.
    public var sockets: [SocketID: Socket] {
        let members = table.withLockedValue { $0.members }
        return Dictionary(members.map { ($0.id, $0) }) { first, _ in first }
    }

    /// How many sockets are connected on this server.
    public var count: Int { table.withLockedValue { $0.count } }

    /// Whether no socket is here, none is about to be, and none may come back.
    var isDeserted: Bool { table.withLockedValue { $0.isEmpty } && recovery?.isDeserted(core.now) ?? true }

    /// The connected socket with this id, if it is on this server.
    public func socket(_ id: SocketID) -> Socket? {
        table.withLockedValue { $0.member(id) }
    }

    // MARK: Handlers

    /// Adds a check that each connection must pass, in order of addition. Checks run on the socket's event loop and must not block it.
    ///
    /// - Parameter check: throw ``ConnectError`` to refuse the connection; its message and data reach the client.
    ///   For any other error the client learns nothing but `internal error`; the error goes to ``SocketIOServer/onError(_:)``.
    @discardableResult
    public func use(_ check: @escaping Middleware) -> Subscription { handlers.use(check) }

    /// Calls `handler` with each socket that has connected, on the socket's event loop, before any event of it is delivered.
    ///
    /// Register the socket's handlers before the first `await`: events that come while it waits find only the handlers registered so far.
    @discardableResult
    public func onConnection(_ handler: @escaping ConnectionHandler) -> Subscription { handlers.onConnection(handler) }

    /// Calls `handler` with each such event of any socket of the namespace, undecoded; see ``EventHost``.
    @discardableResult
    public func onEvent(_ event: String, _ handler: @escaping @Sendable (IncomingEvent) -> Void) -> Subscription {
        handlers.onEvent(event, handler)
    }

    /// Calls every handler for an event: the namespace's own, then its family's.
    func deliver(_ event: IncomingEvent) {
        if let list = handlers.events(event.name) {
            for (_, handler) in list.entries { handler(event) }
        }
        if let list = family?.handlers.events(event.name) {
            for (_, handler) in list.entries { handler(event) }
        }
    }

    /// The family's first, as with Node.
    var middleware: [Middleware] { (family?.handlers.middleware ?? []) + handlers.middleware }

    func removeHandlers() {
        handlers.removeAll()
        serverSide.removeAll()
    }

    func nextAckID() -> UInt64 {
        ackIDs.add(1, ordering: .relaxed).oldValue
    }

    // MARK: Life of a socket

    func reserve(_ socket: Socket) {
        table.withLockedValue { $0.reserve(socket) }
    }

    func admit(_ socket: Socket) {
        table.withLockedValue { table in
            let rooms = table.admit(socket)
            if core.tap != nil {
                for room in rooms { record(socket, room, .join, .connect) }
            }
        }
    }

    func announce(_ socket: Socket) {
        for handler in (family?.handlers.connection ?? []) + handlers.connection {
            socket.context.start {
                do { try await handler(socket) } catch { socket.report(error, event: "connection") }
            }
        }
    }

    /// Takes a socket out that was never connected: its rooms were never announced either.
    func forget(_ socket: Socket) {
        table.withLockedValue { _ = $0.remove(socket) }
    }

    func remove(_ socket: Socket) {
        table.withLockedValue { table in
            let rooms = table.remove(socket)
            if core.tap != nil {
                for room in rooms { record(socket, room, .leave, .disconnect) }
            }
        }
    }

    // MARK: Rooms

    func join(_ socket: Socket, _ rooms: [Room]) {
        let limit = core.options.limits.roomsPerSocket
        var refused: Room?
        table.withLockedValue { table in
            for room in rooms {
                guard table.joinedRoomCount(of: socket.id) < limit else {
                    refused = room
                    return
                }
                if table.join(socket, room), table.member(socket.id) != nil { record(socket, room, .join) }
            }
        }
        if let refused { socket.report(SocketIOError.tooManyRooms(room: refused, limit: limit)) }
    }

    func leave(_ socket: Socket, _ rooms: [Room]) {
        table.withLockedValue { table in
            for room in rooms where table.leave(socket, room) && table.member(socket.id) != nil { record(socket, room, .leave) }
        }
    }

    /// Under the table's lock, so that the recorded order is the real one.
    private func record(_ socket: Socket, _ room: Room, _ action: TapRoomChange.Action, _ cause: TapRoomChange.Cause = .app) {
        core.record(
            .roomChange(TapRoomChange(socket: socket.number, sid: socket.id, namespace: name, room: room, action: action, cause: cause)))
    }
}

extension Namespace: EventHost {}

extension Namespace: Broadcaster {
    public var broadcast: BroadcastOperator { BroadcastOperator(namespace: self) }
}
