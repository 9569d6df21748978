import SocketIOWire

/// A socket as ``Broadcaster/fetchSockets()`` finds it, on this server or another one of the cluster: what was known at that moment, and what
/// can be done to it.
public struct RemoteSocket: Sendable {
    /// Public id of the socket.
    public let id: SocketID
    /// How the client introduced itself.
    public let handshake: Handshake
    /// The rooms it was in when it was fetched.
    public let rooms: Set<Room>
    /// What the app had kept with it when it was fetched. From another server comes what can be encoded.
    public let data: RemoteSocketData
    private let namespace: Namespace

    init(_ snapshot: SocketSnapshot, in namespace: Namespace) {
        id = snapshot.id
        handshake = snapshot.handshake
        rooms = snapshot.rooms
        data = snapshot.data
        self.namespace = namespace
    }

    private var selection: BroadcastOperator { namespace.to(id) }

    /// Sends an event to the client, wherever it is connected.
    public func emit<each Argument: Encodable & Sendable>(_ event: String, _ argument: repeat each Argument) {
        selection.emit(event, repeat each argument)
    }

    /// Sends an event and waits for the client's answer; see ``Socket/emitWithAck(_:_:timeout:as:)``.
    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, timeout: Duration? = nil, as type: Answer.Type = Answer.self
    ) async throws(AckError) -> Answer {
        let selection = timeout.map { self.selection.timeout($0) } ?? self.selection
        let result = await selection.emitWithAck(event, repeat each argument, as: type)
        guard let answer = result.responses[id] else { throw .disconnected }
        return try answer.get()
    }

    /// Makes the socket join a room.
    public func join(_ room: Room) { selection.socketsJoin(room) }

    /// Makes the socket leave a room.
    public func leave(_ room: Room) { selection.socketsLeave(room) }

    /// Disconnects the socket; see ``Socket/disconnect(closeConnection:)``.
    public func disconnect(closeConnection: Bool = false) { selection.disconnectSockets(closeConnection: closeConnection) }
}

/// What an app had kept with a socket, by typed keys; see ``SocketData``.
public struct RemoteSocketData: Sendable {
    let values: [String: any Sendable]

    /// The value; nil if there was none, or none of this type.
    public subscript<Value: Sendable>(key: SocketData.Key<Value>) -> Value? {
        if let value = values[key.name] as? Value { return value }
        // From another server it comes as JSON.
        guard let json = values[key.name] as? JSONValue, let type = Value.self as? any Decodable.Type else { return nil }
        return Self.decode(json, as: type) as? Value
    }

    private static func decode<Value: Decodable>(_ json: JSONValue, as type: Value.Type) -> Value? {
        var reader = ArgumentReader(JSONArguments([json]))
        // A value of another type is none of this key's.
        return try? reader.next(type)
    }

    /// What can be told to another server.
    var json: JSONObject {
        JSONObject(
            values.sorted { $0.key < $1.key }.compactMap { name, value in
                guard let encodable = value as? any Encodable, let json = try? Self.encode(encodable) else { return nil }
                return (key: name, value: json)
            })
    }

    private static func encode(_ value: some Encodable) throws -> JSONValue? {
        var writer = ArgumentWriter()
        try writer.append(value)
        return writer.arguments.values().first
    }
}
