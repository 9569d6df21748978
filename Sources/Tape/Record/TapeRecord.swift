public import NIOCore

/// One thing that happened, ready to be written to a tape.
///
/// A record holds plain values and byte buffers by reference; it knows no server. Numbers of connections, sockets and
/// broadcasts count from 1 within a run; the writer moves them past what the tape already holds.
public struct TapeRecord: Sendable {
    /// Microseconds since 1970, from one monotonic base per run.
    public var at: Int64
    public var kind: Kind

    public init(at: Int64, kind: Kind) {
        self.at = at
        self.kind = kind
    }

    public enum Kind: Sendable {
        case connectionOpened(TapeConnection)
        case connectionUpgraded(connection: UInt64, transport: String)
        case connectionClosed(connection: UInt64, reason: String, detail: String?, bytesIn: UInt64, bytesOut: UInt64)
        /// An Engine.IO packet that carries no Socket.IO packet, or one that could not be decoded.
        case enginePacket(TapeEnginePacket)
        case sessionConnected(TapeSession)
        case sessionDisconnected(session: UInt64, reason: String)
        case packet(TapePacket)
        case broadcast(TapeBroadcast)
        /// Who received a broadcast, one record per event loop, after the `broadcast` record.
        case delivery(broadcast: UInt64, sessions: [UInt64])
        /// The server gave up waiting for a client's ack.
        case ackTimedOut(session: UInt64, ackID: UInt64)
        case roomChange(TapeRoomChange)
        /// A volatile event that a client did not get.
        case dropped(TapeDrop)
        /// A mark that the app set.
        case marker(name: String)
        /// Where the server listens, once that is known: "127.0.0.1:3000".
        case listening(host: String)
        /// Packets that were lost before they came here.
        case lost(packets: Int, reason: String)
    }
}

/// Which way a packet went.
public enum TapeDirection: String, Sendable, Codable, CaseIterable {
    /// From the client to the server.
    case `in`
    /// From the server to the client.
    case out

    var code: Int64 { self == .in ? 0 : 1 }
}

/// The types of Socket.IO packets, in the order of their numbers on the wire.
public enum TapePacketType: String, Sendable, Codable, CaseIterable {
    case connect
    case disconnect
    case event
    case ack
    case connectError = "connect_error"
    case binaryEvent = "binary_event"
    case binaryAck = "binary_ack"

    var code: Int64 {
        switch self {
        case .connect: 0
        case .disconnect: 1
        case .event: 2
        case .ack: 3
        case .connectError: 4
        case .binaryEvent: 5
        case .binaryAck: 6
        }
    }

    var isEvent: Bool { self == .event || self == .binaryEvent }
    var isAck: Bool { self == .ack || self == .binaryAck }
}

/// The types of Engine.IO packets, in the order of their numbers on the wire.
public enum TapeEnginePacketType: String, Sendable, Codable, CaseIterable {
    case open, close, ping, pong, message, upgrade, noop

    var code: Int64 {
        switch self {
        case .open: 0
        case .close: 1
        case .ping: 2
        case .pong: 3
        case .message: 4
        case .upgrade: 5
        case .noop: 6
        }
    }
}

public struct TapeConnection: Sendable {
    public var number: UInt64
    /// The Engine.IO session id.
    public var sid: String
    /// The Engine.IO revision, 3 or 4.
    public var engineProtocol: Int
    public var transport: String
    public var remoteAddress: String?
    /// Path and query of the first request.
    public var url: String
    public var headers: [(name: String, value: String)]

    public init(
        number: UInt64, sid: String, engineProtocol: Int, transport: String, remoteAddress: String?, url: String,
        headers: [(name: String, value: String)]
    ) {
        self.number = number
        self.sid = sid
        self.engineProtocol = engineProtocol
        self.transport = transport
        self.remoteAddress = remoteAddress
        self.url = url
        self.headers = headers
    }
}

public struct TapeEnginePacket: Sendable {
    public var connection: UInt64
    public var direction: TapeDirection
    public var type: TapeEnginePacketType
    public var payload: ByteBuffer?
    /// Bytes on the wire.
    public var bytes: Int

    public init(connection: UInt64, direction: TapeDirection, type: TapeEnginePacketType, payload: ByteBuffer?, bytes: Int) {
        self.connection = connection
        self.direction = direction
        self.type = type
        self.payload = payload
        self.bytes = bytes
    }
}

/// A socket that a namespace has accepted.
public struct TapeSession: Sendable {
    public var number: UInt64
    public var connection: UInt64
    /// The socket's public id.
    public var sid: String
    public var namespace: String
    /// The handshake's auth, JSON text.
    public var auth: ByteBuffer?
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

public struct TapePacket: Sendable {
    public var connection: UInt64
    /// The socket's number; also that of a CONNECT which is refused later. Nil for a packet that belongs to no socket.
    public var session: UInt64?
    public var direction: TapeDirection
    public var type: TapePacketType
    public var namespace: String
    /// The event's name, for events only.
    public var event: String?
    public var ackID: UInt64?
    /// JSON text as on the wire, the event's name included.
    public var payload: ByteBuffer?
    public var attachments: [ByteBuffer]
    /// Bytes on the wire, attachments included.
    public var bytes: Int
    /// What connection state recovery appended to the arguments: it is cut off the payload.
    public var recoveryOffset: String?

    public init(
        connection: UInt64, session: UInt64?, direction: TapeDirection, type: TapePacketType, namespace: String, event: String? = nil,
        ackID: UInt64? = nil, payload: ByteBuffer? = nil, attachments: [ByteBuffer] = [], bytes: Int, recoveryOffset: String? = nil
    ) {
        self.connection = connection
        self.session = session
        self.direction = direction
        self.type = type
        self.namespace = namespace
        self.event = event
        self.ackID = ackID
        self.payload = payload
        self.attachments = attachments
        self.bytes = bytes
        self.recoveryOffset = recoveryOffset
    }
}

/// One packet for many receivers; who they were follows in `delivery` records.
public struct TapeBroadcast: Sendable {
    public var number: UInt64
    public var type: TapePacketType
    public var namespace: String
    public var event: String?
    public var ackID: UInt64?
    public var payload: ByteBuffer?
    public var attachments: [ByteBuffer]
    /// Bytes on the wire for each receiver.
    public var bytes: Int
    /// What connection state recovery appended to the arguments: it is cut off the payload.
    public var recoveryOffset: String?

    public init(
        number: UInt64, type: TapePacketType, namespace: String, event: String?, ackID: UInt64? = nil, payload: ByteBuffer?,
        attachments: [ByteBuffer] = [], bytes: Int, recoveryOffset: String? = nil
    ) {
        self.number = number
        self.type = type
        self.namespace = namespace
        self.event = event
        self.ackID = ackID
        self.payload = payload
        self.attachments = attachments
        self.bytes = bytes
        self.recoveryOffset = recoveryOffset
    }
}

public struct TapeRoomChange: Sendable {
    public enum Action: String, Sendable, Codable {
        case join, leave
    }

    public enum Cause: Int64, Sendable {
        /// The app said so.
        case app = 0
        /// The socket has connected.
        case connect = 1
        /// The socket has left its namespace.
        case disconnect = 2
    }

    public var session: UInt64
    public var sid: String
    public var namespace: String
    public var room: String
    public var action: Action
    public var cause: Cause

    public init(session: UInt64, sid: String, namespace: String, room: String, action: Action, cause: Cause = .app) {
        self.session = session
        self.sid = sid
        self.namespace = namespace
        self.room = room
        self.action = action
        self.cause = cause
    }
}

/// A volatile event that one client did not get, because it could not be written to.
public struct TapeDrop: Sendable {
    public var session: UInt64
    public var event: String
    /// That it would have had on the wire.
    public var bytes: Int
    /// The broadcast that it was part of.
    public var broadcast: UInt64?

    public init(session: UInt64, event: String, bytes: Int, broadcast: UInt64?) {
        self.session = session
        self.event = event
        self.bytes = bytes
        self.broadcast = broadcast
    }
}
