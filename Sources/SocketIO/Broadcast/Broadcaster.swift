public import SocketIOWire

/// What can send to many sockets: the server (on `/`), a namespace, and a chain of operators on either.
public protocol Broadcaster: Sendable {
    /// The start of a chain that reaches all sockets of the namespace.
    var broadcast: BroadcastOperator { get }
}

extension Broadcaster {
    /// Reaches the sockets in this room, besides those chosen before.
    public func to(_ room: Room) -> BroadcastOperator { broadcast.to([room]) }

    /// Reaches the sockets in any of these rooms, besides those chosen before.
    public func to(_ rooms: [Room]) -> BroadcastOperator { broadcast.to(rooms) }

    /// The same as `to`; Socket.IO calls it `in`.
    public func inRoom(_ room: Room) -> BroadcastOperator { broadcast.to([room]) }

    /// The same as `to`; Socket.IO calls it `in`.
    public func inRoom(_ rooms: [Room]) -> BroadcastOperator { broadcast.to(rooms) }

    /// Leaves out the sockets in this room.
    public func except(_ room: Room) -> BroadcastOperator { broadcast.except([room]) }

    /// Leaves out the sockets in any of these rooms.
    public func except(_ rooms: [Room]) -> BroadcastOperator { broadcast.except(rooms) }

    /// Reaches only sockets on this server.
    public var local: BroadcastOperator { broadcast.local }

    /// The event may be dropped for clients that cannot be written to at that moment.
    public var volatile: BroadcastOperator { broadcast.volatile }

    /// Asks the transports to compress the event, or not to.
    public func compress(_ isOn: Bool) -> BroadcastOperator { broadcast.compress(isOn) }

    /// How long to wait for answers; the server's `ackTimeout` if not given.
    public func timeout(_ timeout: Duration) -> BroadcastOperator { broadcast.timeout(timeout) }

    /// Sends an event to the chosen sockets. Never waits and never throws; see ``Socket/emit(_:_:)``.
    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        broadcast.emit(event, repeat each argument)
    }

    /// Sends an event with arguments as they are.
    public func emit(_ event: String, arguments: JSONArguments) {
        broadcast.emit(event, arguments: arguments)
    }

    /// Sends the event `message`.
    public func send<each Argument: Encodable & Sendable>(_ argument: repeat each Argument) {
        broadcast.emit("message", repeat each argument)
    }

    /// Sends an event and gathers the first argument of each receiver's answer.
    ///
    /// Always ends: who leaves or does not answer in time stands in the result with the reason.
    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, as type: Answer.Type
    ) async -> BroadcastAckResult<Answer> {
        await broadcast.emitWithAck(event, repeat each argument, as: type)
    }

    /// Sends an event with arguments as they are, and gathers the answers as they are.
    public func emitWithAck(_ event: String, arguments: JSONArguments) async -> BroadcastAckResult<JSONArguments> {
        await broadcast.emitWithAck(event, arguments: arguments)
    }

    /// The chosen sockets at this moment, those on other servers of the cluster included.
    ///
    /// - Throws: ``ClusterError`` if servers did not answer in time; it holds what the others said.
    public func fetchSockets() async throws(ClusterError) -> [RemoteSocket] {
        try await broadcast.fetchSockets()
    }

    /// Makes the chosen sockets join a room.
    public func socketsJoin(_ room: Room) { broadcast.socketsJoin([room]) }

    /// Makes the chosen sockets join rooms.
    public func socketsJoin(_ rooms: [Room]) { broadcast.socketsJoin(rooms) }

    /// Makes the chosen sockets leave a room.
    public func socketsLeave(_ room: Room) { broadcast.socketsLeave([room]) }

    /// Makes the chosen sockets leave rooms.
    public func socketsLeave(_ rooms: [Room]) { broadcast.socketsLeave(rooms) }

    /// Disconnects the chosen sockets; see ``Socket/disconnect(closeConnection:)``.
    public func disconnectSockets(closeConnection: Bool = false) { broadcast.disconnectSockets(closeConnection: closeConnection) }
}
