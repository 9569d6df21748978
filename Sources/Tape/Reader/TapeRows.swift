import GRDB

// The rows of the views, with the views' column names as JSON keys. Times are ISO 8601 in UTC with microseconds.

/// A row of the view `runs`.
public struct RunRow: Sendable, Codable, Equatable, Identifiable {
    public var id: Int64
    public var startedAt: String
    public var endedAt: String?
    public var kind: String
    public var host: String?
    public var software: String?
    public var upstream: String?
    /// JSON text.
    public var settings: String
    /// `running`, `ended` or `interrupted`.
    public var status: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, kind, host, software, upstream, settings, status
        case startedAt = "started_at"
        case endedAt = "ended_at"
    }

    init(_ row: Row) {
        id = row["id"]
        startedAt = row["started_at"]
        endedAt = row["ended_at"]
        kind = row["kind"]
        host = row["host"]
        software = row["software"]
        upstream = row["upstream"]
        settings = row["settings"]
        status = row["status"]
    }
}

/// A row of the view `connections`.
public struct ConnectionRow: Sendable, Codable, Equatable, Identifiable {
    public var id: Int64
    public var runID: Int64
    public var sid: String
    /// The Engine.IO revision, 3 or 4.
    public var engineProtocol: Int
    public var transport: String
    public var remoteAddress: String?
    public var url: String
    /// JSON text.
    public var headers: String
    public var openedAt: String
    public var upgradedAt: String?
    public var closedAt: String?
    public var closeReason: String?
    /// More about the reason, if there is more.
    public var closeDetail: String?
    public var bytesIn: Int64?
    public var bytesOut: Int64?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, sid, transport, url, headers
        case runID = "run_id"
        case engineProtocol = "protocol"
        case remoteAddress = "remote_address"
        case openedAt = "opened_at"
        case upgradedAt = "upgraded_at"
        case closedAt = "closed_at"
        case closeReason = "close_reason"
        case closeDetail = "close_detail"
        case bytesIn = "bytes_in"
        case bytesOut = "bytes_out"
    }

    init(_ row: Row) {
        id = row["id"]
        runID = row["run_id"]
        sid = row["sid"]
        engineProtocol = row["protocol"]
        transport = row["transport"]
        remoteAddress = row["remote_address"]
        url = row["url"]
        headers = row["headers"]
        openedAt = row["opened_at"]
        upgradedAt = row["upgraded_at"]
        closedAt = row["closed_at"]
        closeReason = row["close_reason"]
        closeDetail = row["close_detail"]
        bytesIn = row["bytes_in"]
        bytesOut = row["bytes_out"]
    }
}

/// A row of the view `sessions`.
public struct SessionRow: Sendable, Codable, Equatable, Identifiable {
    public var id: Int64
    public var connectionID: Int64
    public var runID: Int64
    /// The socket's id.
    public var sid: String
    public var namespace: String
    /// JSON text.
    public var auth: String?
    public var connectedAt: String
    public var disconnectedAt: String?
    public var reason: String?
    public var recovered: Bool
    /// The earlier session that it goes on from.
    public var recoveredFrom: Int64?
    public var packetsIn: Int64
    public var packetsOut: Int64

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, sid, namespace, auth, reason, recovered
        case connectionID = "connection_id"
        case runID = "run_id"
        case connectedAt = "connected_at"
        case disconnectedAt = "disconnected_at"
        case recoveredFrom = "recovered_from"
        case packetsIn = "packets_in"
        case packetsOut = "packets_out"
    }

    init(_ row: Row) {
        id = row["id"]
        connectionID = row["connection_id"]
        runID = row["run_id"]
        sid = row["sid"]
        namespace = row["namespace"]
        auth = row["auth"]
        connectedAt = row["connected_at"]
        disconnectedAt = row["disconnected_at"]
        reason = row["reason"]
        recovered = row["recovered"]
        recoveredFrom = row["recovered_from"]
        packetsIn = row["packets_in"]
        packetsOut = row["packets_out"]
    }
}

/// A row of the view `packets`: one per packet and receiver.
public struct PacketRow: Sendable, Codable, Equatable, Identifiable {
    public enum Layer: String, Sendable, Codable {
        case engine, socket
    }

    public var id: Int64
    public var runID: Int64
    public var connectionID: Int64
    /// Nil for a packet of the engine, and for one of a socket that was not accepted.
    public var sessionID: Int64?
    public var at: String
    /// Microseconds since 1970.
    public var atMicroseconds: Int64
    public var direction: TapeDirection
    public var layer: Layer
    /// As `TapePacketType` or `TapeEnginePacketType` name it.
    public var type: String
    public var namespace: String?
    public var event: String?
    public var ackID: Int64?
    /// JSON text as on the wire.
    public var data: String?
    /// How many.
    public var attachments: Int
    public var bytes: Int
    public var broadcastID: Int64?
    /// What the server appended to the arguments for clients that come back; not part of `data`, and no column of the view.
    public var recoveryOffset: String?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, at, direction, layer, type, namespace, event, data, attachments, bytes
        case runID = "run_id"
        case connectionID = "connection_id"
        case sessionID = "session_id"
        case atMicroseconds = "at_us"
        case ackID = "ack_id"
        case broadcastID = "broadcast_id"
    }
}

/// A row of the view `acks`.
public struct AckRow: Sendable, Codable, Equatable {
    public enum Status: String, Sendable, Codable, CaseIterable {
        case pending, acked, timeout, lost

        var code: Int64 {
            switch self {
            case .pending: 0
            case .acked: 1
            case .timeout: 2
            case .lost: 3
            }
        }
    }

    public var requestID: Int64
    public var responseID: Int64?
    public var sessionID: Int64
    public var namespace: String
    public var event: String?
    /// Of the request.
    public var direction: TapeDirection
    public var ackID: Int64
    public var requestedAt: String
    public var ackedAt: String?
    public var latencyMilliseconds: Double?
    public var status: Status

    enum CodingKeys: String, CodingKey, CaseIterable {
        case namespace, event, direction, status
        case requestID = "request_id"
        case responseID = "response_id"
        case sessionID = "session_id"
        case ackID = "ack_id"
        case requestedAt = "requested_at"
        case ackedAt = "acked_at"
        case latencyMilliseconds = "latency_ms"
    }
}

/// A row of the view `room_changes`.
public struct RoomChangeRow: Sendable, Codable, Equatable, Identifiable {
    /// From the same sequence as packet ids, so it tells what came before what.
    public var id: Int64
    public var sessionID: Int64
    public var sid: String?
    public var at: String
    public var atMicroseconds: Int64
    public var namespace: String
    public var room: String
    public var action: TapeRoomChange.Action
    /// `app`, `connect` or `disconnect`; nil on tapes that did not record it yet.
    public var cause: String?
    /// The last packet that had come from the socket.
    public var packetID: Int64?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, sid, at, namespace, room, action, cause
        case packetID = "packet_id"
        case sessionID = "session_id"
        case atMicroseconds = "at_us"
    }
}

/// A room with members.
public struct RoomRow: Sendable, Codable, Equatable {
    public var namespace: String
    public var room: String
    public var members: Int
}

/// A row of the view `room_members`.
public struct RoomMemberRow: Sendable, Codable, Equatable {
    public var namespace: String
    public var room: String
    public var sessionID: Int64
    public var sid: String?
    public var since: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case namespace, room, sid, since
        case sessionID = "session_id"
    }
}

/// How often an event occurs.
public struct EventCountRow: Sendable, Codable, Equatable {
    public var event: String
    public var packetsIn: Int64
    public var packetsOut: Int64
    public var bytes: Int64
    /// Packets per second of recorded time, both directions.
    public var perSecond: Double

    enum CodingKeys: String, CodingKey, CaseIterable {
        case event, bytes
        case packetsIn = "packets_in"
        case packetsOut = "packets_out"
        case perSecond = "per_second"
    }
}

/// A row of the view `gaps`.
public struct GapRow: Sendable, Codable, Equatable, Identifiable {
    public var id: Int64
    public var runID: Int64
    public var fromAt: String
    public var toAt: String
    public var packets: Int64
    public var reason: String

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, packets, reason
        case runID = "run_id"
        case fromAt = "from_at"
        case toAt = "to_at"
    }

    init(_ row: Row) {
        id = row["id"]
        runID = row["run_id"]
        fromAt = row["from_at"]
        toAt = row["to_at"]
        packets = row["packets"]
        reason = row["reason"]
    }
}

/// One of a packet's attachments, without its bytes.
public struct AttachmentRow: Sendable, Codable, Equatable {
    public var packetID: Int64
    public var index: Int
    public var bytes: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case bytes
        case packetID = "packet_id"
        case index = "idx"
    }
}

/// What a tape holds, in numbers.
public struct TapeSummary: Sendable, Codable, Equatable {
    public var runs: Int64
    public var connections: Int64
    public var openConnections: Int64
    public var sessions: Int64
    public var openSessions: Int64
    public var packets: Int64
    public var packetsIn: Int64
    public var packetsOut: Int64
    public var broadcasts: Int64
    public var acks: Int64
    public var unansweredAcks: Int64
    /// Rooms with members now.
    public var rooms: Int64
    /// Packets that are missing, and in how many gaps.
    public var lostPackets: Int64
    public var gaps: Int64
    /// Of the first and last packet.
    public var firstAt: String?
    public var lastAt: String?
    /// Of the file and its WAL.
    public var fileBytes: Int64
    public var version: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case runs, connections, sessions, packets, broadcasts, acks, rooms, gaps, version
        case openConnections = "open_connections"
        case openSessions = "open_sessions"
        case packetsIn = "packets_in"
        case packetsOut = "packets_out"
        case unansweredAcks = "unanswered_acks"
        case lostPackets = "lost_packets"
        case firstAt = "first_at"
        case lastAt = "last_at"
        case fileBytes = "file_bytes"
    }
}

/// Some rows of a list, in ascending order.
public struct TapePage<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Ask for the rest with this as `after`; nil at the end (of a growing tape: for now).
    public var next: Int64?

    package init(items: [Item], next: Int64?) {
        self.items = items
        self.next = next
    }
}
