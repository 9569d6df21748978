public import NIOCore
public import SocketIOWire

/// One thing that happened on a server, with its time.
public struct TapEvent: Sendable {
    /// When it happened. Never decreases within one connection.
    public var at: Timestamp
    /// What it was.
    public var kind: Kind

    public init(at: Timestamp, kind: Kind) {
        self.at = at
        self.kind = kind
    }

    /// What can happen.
    public enum Kind: Sendable {
        /// An Engine.IO connection was opened (its handshake was answered).
        case connectionOpened(TapConnection)
        /// It moved from polling to a better transport: `websocket`.
        case connectionUpgraded(connection: UInt64, transport: String)
        /// It ended. `bytesIn` and `bytesOut` count payload bytes of both layers.
        case connectionClosed(connection: UInt64, reason: String, detail: String?, bytesIn: UInt64, bytesOut: UInt64)
        /// An engine packet that carries no Socket.IO packet: open, close, ping, pong, upgrade, noop, or a `message` that could not be decoded.
        case enginePacket(connection: UInt64, direction: TapDirection, type: String, payload: ByteBuffer?, bytes: Int)
        /// A socket joined its namespace.
        case socketConnected(TapSocket)
        /// A socket left its namespace; its rooms were left just before.
        case socketDisconnected(socket: UInt64, reason: String)
        /// A Socket.IO packet to or from one socket.
        case packet(TapPacket)
        /// The head of a broadcast: what is sent. Who got it follows in `delivery` events.
        case broadcast(TapBroadcast)
        /// Who on one event loop got a broadcast, in the order of writing.
        case delivery(broadcast: UInt64, recipients: [TapRecipient])
        /// The server gave up waiting for an ack of the client.
        case ackTimedOut(socket: UInt64, ackID: UInt64)
        /// A socket joined or left a room, its own id's room included.
        case roomChange(TapRoomChange)
        /// A volatile event was not sent, because the client could not be written to.
        case dropped(TapDrop)
        /// The app set a mark; see ``SocketIOServer/mark(_:)``.
        case marker(name: String)
    }
}

/// Which way a packet went.
public enum TapDirection: String, Sendable {
    /// From the client.
    case incoming = "in"
    /// To the client.
    case outgoing = "out"
}

/// An Engine.IO connection, as it was opened.
public struct TapConnection: Sendable {
    /// Process-wide, from 1.
    public var number: UInt64
    /// The secret engine session id.
    public var sid: String
    /// Revision of the Engine.IO protocol: 4, or 3 for clients of Socket.IO 2.
    public var protocolVersion: Int
    /// `polling` or `websocket`.
    public var transport: String
    /// The peer's address without port.
    public var remoteAddress: String?
    /// Path and query of the first request.
    public var url: String
    /// Header fields of the first request, in order.
    public var headers: [(name: String, value: String)]

    public init(
        number: UInt64, sid: String, protocolVersion: Int, transport: String, remoteAddress: String?, url: String,
        headers: [(name: String, value: String)]
    ) {
        self.number = number
        self.sid = sid
        self.protocolVersion = protocolVersion
        self.transport = transport
        self.remoteAddress = remoteAddress
        self.url = url
        self.headers = headers
    }
}

/// A socket that joined a namespace.
public struct TapSocket: Sendable {
    /// Process-wide, from 1. It was reserved when the CONNECT packet arrived.
    public var number: UInt64
    /// Number of its connection.
    public var connection: UInt64
    /// The public socket id.
    public var sid: String
    /// Name of the namespace.
    public var namespace: String
    /// The JSON text that the client sent with CONNECT.
    public var auth: ByteBuffer?
    /// Whether it has come back in time (``ConnectionStateRecovery``).
    public var recovered: Bool

    public init(number: UInt64, connection: UInt64, sid: String, namespace: String, auth: ByteBuffer?, recovered: Bool) {
        self.number = number
        self.connection = connection
        self.sid = sid
        self.namespace = namespace
        self.auth = auth
        self.recovered = recovered
    }
}

/// A Socket.IO packet to or from one socket.
public struct TapPacket: Sendable {
    /// Number of the connection.
    public var connection: UInt64
    /// Number of the socket, if the packet belongs to one. A CONNECT carries the number reserved for it.
    public var socket: UInt64?
    /// Which way it went.
    public var direction: TapDirection
    /// Its type.
    public var kind: SocketPacket.Kind
    /// Name of the namespace.
    public var namespace: String
    /// Name of the event, if it is one.
    public var eventName: String?
    /// Id of the ack that is asked for or given.
    public var ackID: UInt64?
    /// JSON text as on the wire, with placeholders for attachments.
    public var payload: ByteBuffer?
    /// What connection state recovery appended to the arguments; still in the payload.
    public var offset: String?
    /// Bytes that the payload's placeholders stand for.
    public var attachments: [ByteBuffer]
    /// Size in bytes: packet text and attachments, without transport framing.
    public var bytes: Int

    public init(
        connection: UInt64, socket: UInt64?, direction: TapDirection, kind: SocketPacket.Kind, namespace: String, eventName: String?,
        ackID: UInt64?, payload: ByteBuffer?, attachments: [ByteBuffer], bytes: Int, offset: String? = nil
    ) {
        self.connection = connection
        self.socket = socket
        self.direction = direction
        self.kind = kind
        self.namespace = namespace
        self.eventName = eventName
        self.ackID = ackID
        self.payload = payload
        self.attachments = attachments
        self.bytes = bytes
        self.offset = offset
    }
}

/// What a broadcast sends to each of its receivers.
public struct TapBroadcast: Sendable {
    /// Process-wide, from 1.
    public var number: UInt64
    /// Its type.
    public var kind: SocketPacket.Kind
    /// Name of the namespace.
    public var namespace: String
    /// Name of the event, if it is one.
    public var eventName: String
    /// Id of the ack that is asked for or given.
    public var ackID: UInt64?
    /// JSON text as on the wire, with placeholders for attachments.
    public var payload: ByteBuffer?
    /// What connection state recovery appended to the arguments; still in the payload.
    public var offset: String?
    /// Bytes that the payload's placeholders stand for.
    public var attachments: [ByteBuffer]
    /// Size in bytes for one receiver: packet text and attachments.
    public var bytes: Int

    public init(
        number: UInt64, kind: SocketPacket.Kind, namespace: String, eventName: String, ackID: UInt64?, payload: ByteBuffer?,
        attachments: [ByteBuffer], bytes: Int, offset: String? = nil
    ) {
        self.number = number
        self.kind = kind
        self.namespace = namespace
        self.eventName = eventName
        self.ackID = ackID
        self.payload = payload
        self.attachments = attachments
        self.bytes = bytes
        self.offset = offset
    }
}

/// One receiver of a broadcast, by number.
public struct TapRecipient: Sendable, Hashable {
    /// Number of the connection.
    public var connection: UInt64
    /// Number of the socket.
    public var socket: UInt64

    public init(connection: UInt64, socket: UInt64) {
        self.connection = connection
        self.socket = socket
    }
}

/// A socket that joined or left a room.
public struct TapRoomChange: Sendable, Hashable {
    /// What was done.
    public enum Action: String, Sendable {
        case join, leave
    }

    /// Why it was done.
    public enum Cause: String, Sendable {
        /// The socket has connected: its own id's room, and rooms joined by middleware.
        case connect
        /// The socket has left its namespace.
        case disconnect
        /// The app said so.
        case app
    }

    /// Number of the socket.
    public var socket: UInt64
    /// Its public id.
    public var sid: String
    /// Name of the namespace.
    public var namespace: String
    /// Name of the room.
    public var room: String
    /// What was done.
    public var action: Action
    /// Why it was done.
    public var cause: Cause

    public init(socket: UInt64, sid: String, namespace: String, room: String, action: Action, cause: Cause = .app) {
        self.socket = socket
        self.sid = sid
        self.namespace = namespace
        self.room = room
        self.action = action
        self.cause = cause
    }
}

/// A volatile event that one client did not get.
public struct TapDrop: Sendable, Hashable {
    /// Number of the socket.
    public var socket: UInt64
    /// Name of the event, if it is one.
    public var eventName: String
    /// Size in bytes that it would have had.
    public var bytes: Int
    /// Number of the broadcast that it was part of.
    public var broadcast: UInt64?

    public init(socket: UInt64, eventName: String, bytes: Int, broadcast: UInt64?) {
        self.socket = socket
        self.eventName = eventName
        self.bytes = bytes
        self.broadcast = broadcast
    }
}
