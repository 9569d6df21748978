public import SocketIOWire

/// What can go wrong in the Socket.IO layer. Reported to ``SocketIOServer/onError(_:)`` and the log; never the end of the process.
public enum SocketIOError: Error, Sendable, CustomStringConvertible {
    /// The client's event has an argument that the handler does not take, or lacks one. `index` counts from 0.
    case argument(event: String, index: Int, ArgumentError)
    /// The event was not emitted: its name is one that the protocol keeps for itself.
    case reservedEventName(String)
    /// The event (or ack) was not sent: an argument cannot be encoded.
    case unencodable(event: String?, problem: String)
    /// The socket was not put into the room: it is in as many as it may.
    case tooManyRooms(room: Room, limit: Int)
    /// Nobody took events from a stream in time: this one was lost.
    case slowReader(event: String, limit: Int)
    /// The client sent something that is no Socket.IO packet; its connection was closed.
    case invalidPacket(String)
    /// The client sent a packet to a namespace that it has not joined; its connection was closed.
    case notJoined(namespace: String, kind: String)
    /// The client sent too many packets before its CONNECT was accepted; its connection was closed.
    case tooManyWaitingPackets(namespace: String, limit: Int)

    public var description: String {
        switch self {
        case .argument(let event, let index, let problem):
            "argument \(index) of event \"\(event)\": \(problem)"
        case .reservedEventName(let name):
            "\"\(name)\" is a reserved event name; choose another one"
        case .unencodable(let event, let problem):
            event.map { "event \"\($0)\" was not sent: \(problem)" } ?? "an ack was not sent: \(problem)"
        case .tooManyRooms(let room, let limit):
            "room \"\(room)\" was not joined: the socket is in \(limit) rooms; raise limits.roomsPerSocket if that is meant"
        case .slowReader(let event, let limit):
            "\"\(event)\" was lost: \(limit) wait already for a reader that is too slow; read faster, or give a larger limit"
        case .invalidPacket(let problem):
            "invalid packet: \(problem)"
        case .notJoined(let namespace, let kind):
            "\(kind) packet for namespace \"\(namespace)\", which the client has not joined"
        case .tooManyWaitingPackets(let namespace, let limit):
            "more than \(limit) packets (or too many bytes) for namespace \"\(namespace)\" before its CONNECT was accepted"
        }
    }
}

/// Where an error came from.
public struct ErrorContext: Sendable {
    /// The socket concerned, if there is one.
    public let socket: Socket?
    /// The namespace it happened in.
    public let namespace: String
    /// The event whose handler or encoding failed.
    public let event: String?
}

/// Refuses a connection from a middleware; the client gets both in its `connect_error` event.
///
/// ```swift
/// io.use { socket in
///     guard socket.handshake.auth["token"] == "letmein" else { throw ConnectError("unauthorized", data: ["code": 401]) }
/// }
/// ```
public struct ConnectError: Error, Sendable, CustomStringConvertible {
    /// What the client is told.
    public let message: String
    /// What the client is told besides.
    public let data: JSONValue?

    public init(_ message: String, data: JSONValue? = nil) {
        self.message = message
        self.data = data
    }

    public var description: String { message }
}
