/// The statements of the writer, prepared once.
struct TapeStatements {
    let insertPacket: SQLiteStatement
    let insertConnectionPacket: SQLiteStatement
    let insertPacketAttachment: SQLiteStatement
    let insertBroadcast: SQLiteStatement
    let insertBroadcastAttachment: SQLiteStatement
    let insertDelivery: SQLiteStatement
    let insertReceiver: SQLiteStatement
    let findBroadcast: SQLiteStatement

    let setHost: SQLiteStatement
    let openConnection: SQLiteStatement
    let upgradeConnection: SQLiteStatement
    let closeConnection: SQLiteStatement

    let reserveSession: SQLiteStatement
    let connectSession: SQLiteStatement
    let disconnectSession: SQLiteStatement
    let uncountSession: SQLiteStatement
    let storeCounts: SQLiteStatement
    let recount: SQLiteStatement

    let insertAck: SQLiteStatement
    let answerAck: SQLiteStatement
    let timeOutAck: SQLiteStatement
    let loseAcks: SQLiteStatement

    let insertRoomChange: SQLiteStatement
    let insertDrop: SQLiteStatement
    let insertMarker: SQLiteStatement
    let joinRoom: SQLiteStatement
    let leaveRoom: SQLiteStatement
    let leaveAllRooms: SQLiteStatement
    let countJoin: SQLiteStatement
    let countLeave: SQLiteStatement
    let countLeaves: SQLiteStatement

    let addToEventBlock: SQLiteStatement
    let insertGap: SQLiteStatement
    let extendGap: SQLiteStatement
    let replaceGap: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        insertPacket = try connection.prepare(
            """
            INSERT INTO packet (id, session_id, at_us, direction, type, event_id, ack_id, bytes, attachments, payload, recovery_offset)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """)
        insertConnectionPacket = try connection.prepare(
            """
            INSERT INTO connection_packet
                (id, connection_id, at_us, direction, layer, type, namespace_id, event_id, ack_id, bytes, attachments, payload)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
            """)
        insertPacketAttachment = try connection.prepare("INSERT INTO packet_attachment (packet_id, idx, data) VALUES (?1, ?2, ?3)")
        insertBroadcast = try connection.prepare(
            """
            INSERT INTO broadcast (id, at_us, type, namespace_id, event_id, ack_id, bytes, attachments, payload, recovery_offset)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        insertBroadcastAttachment = try connection.prepare("INSERT INTO broadcast_attachment (broadcast_id, idx, data) VALUES (?1, ?2, ?3)")
        insertDelivery = try connection.prepare(
            "INSERT INTO delivery (id, broadcast_id, at_us, list_id, length, omitted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        insertReceiver = try connection.prepare("INSERT INTO receiver (list_id, position, session_id) VALUES (?1, ?2, ?3)")
        findBroadcast = try connection.prepare("SELECT event_id, ack_id, bytes FROM broadcast WHERE id = ?1")

        openConnection = try connection.prepare(
            """
            INSERT INTO connection (id, run_id, sid, protocol, transport, remote_address, url, headers, opened_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        setHost = try connection.prepare("UPDATE run SET host = ?2 WHERE id = ?1")
        upgradeConnection = try connection.prepare("UPDATE connection SET transport = ?2, upgraded_us = ?3 WHERE id = ?1")
        closeConnection = try connection.prepare(
            "UPDATE connection SET closed_us = ?2, close_reason = ?3, close_detail = ?4, bytes_in = ?5, bytes_out = ?6 WHERE id = ?1")

        reserveSession = try connection.prepare(
            "INSERT INTO session (id, connection_id, run_id, namespace_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING")
        connectSession = try connection.prepare(
            """
            INSERT INTO session (id, connection_id, run_id, namespace_id, sid, connected_us, recovered, auth, recovered_from)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, CASE WHEN ?7 THEN (SELECT max(id) FROM session WHERE sid = ?5 AND id < ?1) END)
            ON CONFLICT (id) DO UPDATE SET
                sid = excluded.sid, connected_us = excluded.connected_us, recovered = excluded.recovered, auth = excluded.auth,
                recovered_from = excluded.recovered_from
            """)
        disconnectSession = try connection.prepare("UPDATE session SET disconnected_us = ?2, reason = ?3 WHERE id = ?1")
        storeCounts = try connection.prepare("UPDATE session SET packets_in = ?2, packets_out = ?3, counted_id = ?4 WHERE id = ?1")
        recount = try connection.prepare(StoredCounts.recount("id = ?1", upTo: "?2") + " RETURNING packets_in, packets_out")
        uncountSession = try connection.prepare(
            "UPDATE session SET packets_in = 0, packets_out = 0, counted_id = 0 WHERE id = ?1 AND counted_id = \(StoredCounts.all)")

        insertAck = try connection.prepare(
            """
            INSERT INTO ack
                (request_id, response_id, session_id, event_id, direction, ack_id, requested_us, acked_us, latency_ms, status)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """)
        // "status <> 1" is said for the planner: it is the condition of the index ack_unanswered.
        answerAck = try connection.prepare(
            """
            UPDATE ack SET response_id = ?4, acked_us = ?5, latency_ms = (?5 - requested_us) / 1000.0, status = 1
            WHERE request_id = (
                SELECT max(request_id) FROM ack
                WHERE session_id = ?1 AND direction = ?2 AND ack_id = ?3 AND status <> 1 AND status = 0)
            """)
        timeOutAck = try connection.prepare(
            "UPDATE ack SET status = 2 WHERE session_id = ?1 AND direction = ?2 AND ack_id = ?3 AND status <> 1 AND status = 0")
        loseAcks = try connection.prepare("UPDATE ack SET status = 3 WHERE session_id = ?1 AND status <> 1 AND status = 0")

        insertRoomChange = try connection.prepare(
            "INSERT INTO room_change (id, session_id, at_us, room_id, action, cause, packet_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        insertDrop = try connection.prepare(
            "INSERT INTO volatile_drop (id, session_id, at_us, event_id, bytes, broadcast_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        insertMarker = try connection.prepare("INSERT INTO marker (id, run_id, at_us, name) VALUES (?1, ?2, ?3, ?4)")
        joinRoom = try connection.prepare(
            "INSERT INTO room_member (room_id, session_id, since_us) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
        leaveRoom = try connection.prepare("DELETE FROM room_member WHERE room_id = ?1 AND session_id = ?2")
        leaveAllRooms = try connection.prepare("DELETE FROM room_member WHERE session_id = ?1")
        countJoin = try connection.prepare("UPDATE room SET members = members + 1, most = max(most, members + 1) WHERE id = ?1")
        countLeave = try connection.prepare("UPDATE room SET members = members - 1 WHERE id = ?1")
        countLeaves = try connection.prepare(
            "UPDATE room SET members = members - 1 WHERE id IN (SELECT room_id FROM room_member WHERE session_id = ?1)")

        addToEventBlock = try connection.prepare(
            """
            INSERT INTO event_block (event_id, block, packets_in, packets_out, bytes) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (event_id, block) DO UPDATE SET
                packets_in = packets_in + excluded.packets_in, packets_out = packets_out + excluded.packets_out,
                bytes = bytes + excluded.bytes
            """)
        insertGap = try connection.prepare("INSERT INTO gap (run_id, from_us, to_us, packets, reason) VALUES (?1, ?2, ?3, ?4, ?5)")
        replaceGap = try connection.prepare("UPDATE gap SET from_us = ?2, to_us = ?3, packets = ?4, reason = ?5 WHERE id = ?1")
        extendGap = try connection.prepare(
            "UPDATE gap SET from_us = min(from_us, ?2), to_us = max(to_us, ?3), packets = packets + ?4 WHERE id = ?1")
    }
}
