import GRDB

/// A packet that was sent to many.
public struct BroadcastRow: Sendable, Codable, Equatable, Identifiable {
    public var id: Int64
    public var at: String
    public var type: String
    public var namespace: String
    public var event: String?
    public var ackID: Int64?
    /// JSON text as on the wire.
    public var data: String?
    public var attachments: Int
    /// For each recipient.
    public var bytes: Int
    /// How many it was sent to.
    public var recipients: Int64

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, at, type, namespace, event, data, attachments, bytes, recipients
        case ackID = "ack_id"
    }
}

/// Somebody whom a broadcast was sent to, or, without a packet, somebody who was there and did not get it.
public struct RecipientRow: Sendable, Codable, Equatable {
    public var broadcastID: Int64
    public var packetID: Int64?
    public var sessionID: Int64
    public var sid: String?
    public var connectionID: Int64
    public var at: String?
    /// It was a volatile event, and this client could not be written to.
    public var dropped: Bool

    enum CodingKeys: String, CodingKey, CaseIterable {
        case at, sid, dropped
        case broadcastID = "broadcast_id"
        case packetID = "packet_id"
        case sessionID = "session_id"
        case connectionID = "connection_id"
    }
}

extension TapeSnapshot {
    public func broadcasts(after: Int64 = 0, limit: Int = 100) throws -> TapePage<BroadcastRow> {
        try page(Self.broadcastColumns, Conditions(), id: "b.id", after, limit, BroadcastRow.init, \.id)
    }

    public func broadcast(_ id: Int64) throws -> BroadcastRow? {
        try row(Self.broadcastColumns + " WHERE b.id = ?", [id]).map(BroadcastRow.init)
    }

    private static let broadcastColumns = """
        SELECT b.id, b.at_us, b.type, n.name, e.name, b.ack_id, b.payload, b.attachments, b.bytes,
            (SELECT coalesce(sum(d.length - coalesce(json_array_length(d.omitted), 0)), 0) FROM delivery d WHERE d.broadcast_id = b.id)
        FROM broadcast b CROSS JOIN namespace n ON n.id = b.namespace_id LEFT JOIN event_name e ON e.id = b.event_id
        """

    /// Whom a broadcast was sent to, in the order of packets.
    public func recipients(of broadcast: Int64, after: Int64 = 0, limit: Int = 100) throws -> TapePage<RecipientRow> {
        let id = PacketQuery.deliveredID
        var conditions = Conditions()
        conditions.add("d.broadcast_id = ?", broadcast)
        conditions.add(PacketQuery.wasDelivered)
        let sql = """
            SELECT d.broadcast_id, \(id) AS packet_id, r.session_id, s.sid, s.connection_id, d.at_us, 0
            FROM delivery d CROSS JOIN receiver r ON r.list_id = d.list_id AND r.position < d.length
            CROSS JOIN session s ON s.id = r.session_id
            """
        return try page(sql, conditions, id: id, after, limit, RecipientRow.init) { $0.packetID ?? 0 }
    }

    /// Who was in a room, or without one in the namespace, when the broadcast was sent, and did not get it; in the order of sessions.
    ///
    /// Nil: there is no such broadcast. A tape does not say which rooms a broadcast was meant for, so the caller does.
    public func missed(_ broadcast: Int64, room: String?, after: Int64 = 0, limit: Int = 100) throws -> TapePage<RecipientRow>? {
        guard
            let sent = try row(
                """
                SELECT b.at_us, b.namespace_id, (SELECT min(id) FROM delivery WHERE broadcast_id = b.id), b.event_id
                FROM broadcast b WHERE b.id = ?
                """, [broadcast])
        else { return nil }
        let at: Int64 = sent[0]
        let namespace: Int64 = sent[1]
        let first: Int64? = sent[2]
        var conditions = Conditions()
        conditions.add("s.namespace_id = ?", namespace)
        conditions.add("s.connected_us <= ?", at)
        conditions.add("s.disconnected_us IS NULL OR s.disconnected_us > ?", at)
        if let room {
            // By ids where there is one of the broadcast: a leave within the same microsecond is told apart.
            let before = first.map { "c.id < \($0)" } ?? "c.at_us <= \(at)"
            conditions.add(
                """
                (SELECT c.action FROM room_change c INDEXED BY room_change_session
                 WHERE c.session_id = s.id AND c.room_id = (SELECT id FROM room WHERE name = ? AND namespace_id = s.namespace_id) AND \(before)
                 ORDER BY c.id DESC LIMIT 1) = 1
                """, room)
        }
        conditions.add(
            """
            NOT EXISTS (
                SELECT 1 FROM delivery d CROSS JOIN receiver r ON r.list_id = d.list_id AND r.position < d.length
                WHERE d.broadcast_id = ? AND +r.session_id = s.id AND (\(PacketQuery.wasDelivered)))
            """, broadcast)
        let sql = """
            SELECT \(broadcast), NULL, s.id, s.sid, s.connection_id, NULL,
                EXISTS (SELECT 1 FROM volatile_drop v WHERE v.session_id = s.id AND v.broadcast_id = \(broadcast))
            FROM session s
            """
        return try page(sql, conditions, id: "s.id", after, limit, RecipientRow.init, \.sessionID)
    }
}

extension BroadcastRow {
    fileprivate init(_ row: Row) {
        id = row[0]
        at = UnixTime.text(row[1])
        let code: Int = row[2]
        type = TapePacketType.allCases.indices.contains(code) ? TapePacketType.allCases[code].rawValue : "unknown"
        namespace = row[3]
        event = row[4]
        ackID = row[5]
        data = row[6]
        attachments = row[7]
        bytes = row[8]
        recipients = row[9]
    }
}

extension RecipientRow {
    fileprivate init(_ row: Row) {
        broadcastID = row[0]
        packetID = row[1]
        sessionID = row[2]
        sid = row[3]
        connectionID = row[4]
        at = (row[5] as Int64?).map(UnixTime.text)
        dropped = row[6]
    }
}
