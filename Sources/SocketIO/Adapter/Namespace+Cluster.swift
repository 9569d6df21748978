import EngineIO
import HTTPTypes
import SocketIOWire
import Synchronization

/// What other servers ask this one to do in a namespace, and what it answers.
extension Namespace {
    func perform(_ request: ClusterRequest) async -> JSONValue? {
        let selection = BroadcastOperator(request.body, in: self)
        switch request.kind {
        case .broadcast:
            selection.emit(request.event, arguments: request.arguments)
        case .broadcastWithAck:
            let timeout = request.body["timeout"]?.integerValue.map { Duration.milliseconds($0) } ?? core.options.ackTimeout
            let result = await selection.timeout(timeout).emitWithAck(request.event, arguments: request.arguments)
            return .object(JSONObject(result.responses.map { (key: $0.key, value: JSONValue(answer: $0.value)) }))
        case .join:
            selection.socketsJoin(request.rooms)
        case .leave:
            selection.socketsLeave(request.rooms)
        case .disconnect:
            selection.disconnectSockets(closeConnection: request.body["close"]?.boolValue ?? false)
        case .fetchSockets:
            return .array(selection.localSockets.map { SocketSnapshot($0).json })
        case .serverSideEmit:
            _ = await serverSide.deliver(request.event, request.arguments)
        case .serverSideEmitWithAck:
            return await serverSide.deliver(request.event, request.arguments).map { .array($0.values()) }
        }
        return nil
    }
}

extension ClusterRequest {
    /// An event for the sockets that an operator has chosen.
    init(_ kind: Kind, _ selection: BroadcastOperator, event: String, arguments: JSONArguments) {
        self.init(kind, selection)
        body["event"] = .string(event)
        body["args"] = .array(arguments.values())
    }

    init(_ kind: Kind, _ selection: BroadcastOperator) {
        self.init(kind, namespace: selection.namespace.name, body: selection.json)
    }

    var event: String { body["event"]?.stringValue ?? "" }
    var arguments: JSONArguments { JSONArguments(body["args"]?.arrayValue ?? []) }
    var rooms: [Room] { (body["names"]?.arrayValue ?? []).compactMap(\.stringValue) }
}

extension BroadcastOperator {
    /// Whom it has chosen, and how it sends.
    var json: JSONObject {
        [
            "rooms": .array(rooms.map { .string($0) }), "except": .array(excludedRooms.map { .string($0) }),
            "volatile": .bool(flags.isVolatile), "compress": .bool(flags.compress),
        ]
    }

    /// The same choice on this server, and no further.
    init(_ json: JSONObject, in namespace: Namespace) {
        self.init(namespace: namespace)
        rooms = (json["rooms"]?.arrayValue ?? []).compactMap(\.stringValue)
        excludedRooms = (json["except"]?.arrayValue ?? []).compactMap(\.stringValue)
        flags.isVolatile = json["volatile"]?.boolValue ?? false
        flags.compress = json["compress"]?.boolValue ?? true
        flags.isLocal = true
    }
}

extension JSONValue {
    /// One client's answer to a broadcast.
    init(answer: Result<JSONArguments, AckError>) {
        switch answer {
        case .success(let arguments): self = ["args": .array(arguments.values())]
        case .failure(let error): self = ["error": .string(error == .disconnected ? "disconnected" : "timedOut")]
        }
    }

    var clusterAnswer: Result<JSONArguments, AckError> {
        if let values = self["args"]?.arrayValue { return .success(JSONArguments(values)) }
        return .failure(self["error"] == "disconnected" ? .disconnected : .timedOut)
    }
}

/// What is told of a socket to other servers.
struct SocketSnapshot: Sendable {
    let id: SocketID
    let handshake: Handshake
    let rooms: Set<Room>
    let data: RemoteSocketData

    init(_ socket: Socket) {
        id = socket.id
        handshake = socket.handshake
        rooms = socket.rooms
        data = RemoteSocketData(values: socket.storedData.withLock { $0 })
    }

    init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, let url = json["url"]?.stringValue else { return nil }
        self.id = id
        var headers: HTTPFields = [:]
        for field in json["headers"]?.arrayValue ?? [] {
            if let name = field[0]?.stringValue.flatMap({ HTTPField.Name($0) }), let value = field[1]?.stringValue {
                headers.append(HTTPField(name: name, value: value))
            }
        }
        let head = HTTPRequest(
            method: .get, scheme: json["secure"]?.boolValue == true ? "https" : "http", authority: json["host"]?.stringValue, path: url,
            headerFields: headers)
        handshake = Handshake(
            request: EngineRequest(
                head, remoteAddress: json["address"]?.stringValue, isSecure: json["secure"]?.boolValue ?? false,
                at: json["time"]?.integerValue ?? 0),
            authPayload: json["auth"].map { $0.serialized() })
        rooms = Set((json["rooms"]?.arrayValue ?? []).compactMap(\.stringValue))
        data = RemoteSocketData(values: (json["data"]?.objectValue ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value })
    }

    var json: JSONValue {
        [
            "id": .string(id), "url": .string(handshake.url), "host": handshake.request.authority.map { .string($0) } ?? .null,
            "headers": .array(handshake.headers.map { [.string($0.name.rawName), .string($0.value)] }),
            "address": handshake.address.map { .string($0) } ?? .null, "secure": .bool(handshake.isSecure),
            "time": .integer(handshake.time.microseconds), "auth": .object(handshake.auth),
            "rooms": .array(rooms.sorted().map { .string($0) }), "data": .object(data.json),
        ]
    }
}
