package import SocketIOWire

/// What a tape holds, as far as replay is concerned. Rows in the order of their ids, which is the order in which things happened.
package struct Recording: Sendable {
    package struct Run: Sendable {
        package let id: Int64
        package let kind: String
        package let software: String?
        /// Microseconds since 1970.
        package let startedAt: Int64
        /// `nil` when the recorder did not end in order.
        package let endedAt: Int64?

        package init(id: Int64, kind: String, software: String?, startedAt: Int64, endedAt: Int64?) {
            self.id = id
            self.kind = kind
            self.software = software
            self.startedAt = startedAt
            self.endedAt = endedAt
        }
    }

    package struct Connection: Sendable {
        package let id: Int64
        package let sid: String?
        /// The Engine.IO revision, 3 or 4.
        package let revision: Int
        /// Whether packets went as MessagePack.
        package let usesMessagePack: Bool
        /// `polling` or `websocket`: the transport that it began with.
        package let transport: String
        /// Path and query of the first request.
        package let url: String
        package let headers: [Header]
        package let openedAt: Int64
        package let upgradedAt: Int64?
        package let closedAt: Int64?
        package let closeReason: String?

        package init(
            id: Int64, sid: String?, revision: Int = 4, usesMessagePack: Bool = false, transport: String, url: String = "/socket.io/",
            headers: [Header] = [],
            openedAt: Int64, upgradedAt: Int64? = nil, closedAt: Int64? = nil, closeReason: String? = nil
        ) {
            self.id = id
            self.sid = sid
            self.revision = revision
            self.usesMessagePack = usesMessagePack
            self.transport = transport
            self.url = url
            self.headers = headers
            self.openedAt = openedAt
            self.upgradedAt = upgradedAt
            self.closedAt = closedAt
            self.closeReason = closeReason
        }
    }

    package struct Header: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Session: Sendable {
        package let id: Int64
        package let connectionID: Int64
        package let sid: String?
        package let namespace: String
        package let disconnectedAt: Int64?
        package let reason: String?

        package init(
            id: Int64, connectionID: Int64, sid: String?, namespace: String, disconnectedAt: Int64? = nil, reason: String? = nil
        ) {
            self.id = id
            self.connectionID = connectionID
            self.sid = sid
            self.namespace = namespace
            self.disconnectedAt = disconnectedAt
            self.reason = reason
        }
    }

    package enum Direction: String, Sendable {
        /// From the client.
        case incoming = "in"
        /// To the client.
        case outgoing = "out"
    }

    package enum Kind: Sendable, Hashable {
        case engineOpen
        case engineClose
        case engineUpgrade
        case connect
        case connectError
        case disconnect
        case event
        case ack
    }

    package struct Packet: Sendable {
        package let id: Int64
        package let connectionID: Int64
        package let sessionID: Int64?
        /// Microseconds since 1970.
        package let at: Int64
        package let direction: Direction
        package let kind: Kind
        package let namespace: String
        package let event: String?
        package let ackID: UInt64?
        /// Events and acks: the arguments without the event's name. Connect, connect error: the payload, if there was one, as the only value.
        package let content: RecordedArguments
        package let broadcastID: Int64?
        /// The server sent an offset with it, for clients that come back; it is none of the arguments.
        package let hasOffset: Bool

        /// Decoded anew at each call.
        package var arguments: [JSONValue] { content.values }

        package init(
            id: Int64, connectionID: Int64, sessionID: Int64? = nil, at: Int64, direction: Direction, kind: Kind, namespace: String = "/",
            event: String? = nil, ackID: UInt64? = nil, arguments: [JSONValue] = [], broadcastID: Int64? = nil, hasOffset: Bool = false
        ) {
            self.init(
                id: id, connectionID: connectionID, sessionID: sessionID, at: at, direction: direction, kind: kind, namespace: namespace,
                event: event, ackID: ackID, content: RecordedArguments(arguments), broadcastID: broadcastID, hasOffset: hasOffset)
        }

        package init(
            id: Int64, connectionID: Int64, sessionID: Int64?, at: Int64, direction: Direction, kind: Kind, namespace: String,
            event: String?, ackID: UInt64?, content: RecordedArguments, broadcastID: Int64?, hasOffset: Bool
        ) {
            self.id = id
            self.connectionID = connectionID
            self.sessionID = sessionID
            self.at = at
            self.direction = direction
            self.kind = kind
            self.namespace = namespace
            self.event = event
            self.ackID = ackID
            self.content = content
            self.broadcastID = broadcastID
            self.hasOffset = hasOffset
        }
    }

    package struct RoomChange: Sendable {
        /// From the same sequence as the ids of packets.
        package let id: Int64
        package let sid: String
        package let namespace: String
        package let room: String
        package let isJoin: Bool

        package init(id: Int64, sid: String, namespace: String, room: String, isJoin: Bool) {
            self.id = id
            self.sid = sid
            self.namespace = namespace
            self.room = room
            self.isJoin = isJoin
        }
    }

    package struct Gap: Sendable {
        package let packets: Int
        package let reason: String

        package init(packets: Int, reason: String) {
            self.packets = packets
            self.reason = reason
        }
    }

    package var runs: [Run]
    package var connections: [Connection]
    package var sessions: [Session]
    package var packets: LongList<Packet>
    package var roomChanges: [RoomChange]
    package var gaps: [Gap]
    /// The names that secrets have on the tape, which does not hold them, in the order in which they appear.
    package var secrets: [String]

    package init(
        runs: [Run] = [], connections: [Connection], sessions: [Session] = [], packets: LongList<Packet>, roomChanges: [RoomChange] = [],
        gaps: [Gap] = [], secrets: [String] = []
    ) {
        self.runs = runs
        self.connections = connections
        self.sessions = sessions
        self.packets = packets
        self.roomChanges = roomChanges
        self.gaps = gaps
        self.secrets = secrets
    }
}
