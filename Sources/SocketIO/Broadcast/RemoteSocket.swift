/// A socket as ``Broadcaster/fetchSockets()`` finds it: what was known at that moment, and what can be done to it.
public struct RemoteSocket: Sendable {
    public let id: SocketID
    public let handshake: Handshake
    /// The rooms it was in when it was fetched.
    public let rooms: Set<Room>
    public let data: SocketData
    private let socket: Socket

    init(_ socket: Socket) {
        self.id = socket.id
        self.handshake = socket.handshake
        self.rooms = socket.rooms
        self.data = socket.data
        self.socket = socket
    }

    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        socket.emit(event, repeat each argument)
    }

    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, timeout: Duration? = nil, as type: Answer.Type = Answer.self
    ) async throws(AckError) -> Answer {
        try await socket.emitWithAck(event, repeat each argument, timeout: timeout, as: type)
    }

    public func join(_ room: Room) { socket.join(room) }

    public func leave(_ room: Room) { socket.leave(room) }

    public func disconnect(closeConnection: Bool = false) { socket.disconnect(closeConnection: closeConnection) }
}
