import GRDB

extension TapeSnapshot {
    public func roomChanges(_ filter: RoomChangeFilter = RoomChangeFilter(), after: Int64 = 0, limit: Int = 100) throws -> TapePage<
        RoomChangeRow
    > {
        var conditions = Conditions()
        conditions.add("c.session_id = ?", filter.session)
        conditions.add("n.name = ?", filter.namespace)
        conditions.add("o.name = ?", filter.room)
        conditions.add("c.at_us >= ?", filter.since)
        conditions.add("c.at_us < ?", filter.until)
        let sql = """
            SELECT c.id, c.session_id, s.sid, c.at_us, n.name AS namespace, o.name AS room, c.action, c.cause, c.packet_id
            FROM room_change c JOIN room o ON o.id = c.room_id JOIN namespace n ON n.id = o.namespace_id
            JOIN session s ON s.id = c.session_id
            """
        return try page(sql, conditions, id: "c.id", after, limit, RoomChangeRow.init, \.id)
    }

    /// The rooms with members now, or at a moment (microseconds since 1970); ordered by namespace and name.
    ///
    /// - Parameters:
    ///   - includesOwn: also the room that each socket has for itself, named for its id.
    ///   - after: the last room of the page before.
    public func rooms(
        at time: Int64? = nil, namespace: String? = nil, includesOwn: Bool = false, after: (namespace: String, room: String)? = nil,
        limit: Int = 1000
    ) throws -> [RoomRow] {
        var conditions = Conditions()
        if let after { conditions.add("(n.name, o.name) > (?, ?)", values: [after.namespace, after.room]) }
        conditions.add("n.name = ?", namespace)
        if !includesOwn { conditions.add("o.name <> s.sid") }
        let sql = """
            WITH member (room_id, session_id, since_us) AS (\(members(at: time)))
            SELECT n.name, o.name, count(*) FROM member m
            JOIN session s ON s.id = m.session_id JOIN room o ON o.id = m.room_id JOIN namespace n ON n.id = o.namespace_id
            """
        return try all(
            sql + conditions.sql + " GROUP BY n.name, o.name ORDER BY n.name, o.name LIMIT \(max(1, limit))",
            (time.map { [$0] } ?? []) + conditions.arguments
        ) { RoomRow(namespace: $0[0], room: $0[1], members: $0[2]) }
    }

    /// Who is in a room now, or was at a moment, in the order of sessions.
    public func roomMembers(room: String, namespace: String? = nil, at time: Int64? = nil, after: Int64 = 0, limit: Int = 100) throws
        -> TapePage<RoomMemberRow>
    {
        try members(Conditions(["o.name = ?": room]), namespace: namespace, at: time, after: after, limit: limit)
    }

    /// The rooms that a session is in now, or was in at a moment.
    public func rooms(of session: Int64, at time: Int64? = nil) throws -> [RoomMemberRow] {
        try members(Conditions(["m.session_id = ?": session]), namespace: nil, at: time, after: 0, limit: 10_000).items
    }

    private func members(_ wanted: Conditions, namespace: String?, at time: Int64?, after: Int64, limit: Int) throws -> TapePage<
        RoomMemberRow
    > {
        var conditions = wanted
        conditions.add("n.name = ?", namespace)
        let sql = """
            WITH member (room_id, session_id, since_us) AS (\(members(at: time)))
            SELECT n.name, o.name, m.session_id, s.sid, m.since_us FROM member m
            JOIN session s ON s.id = m.session_id JOIN room o ON o.id = m.room_id JOIN namespace n ON n.id = o.namespace_id
            """
        let limit = max(1, limit)
        conditions.add("m.session_id > ?", after)
        var items = try all(
            sql + conditions.sql + " ORDER BY m.session_id, n.name, o.name LIMIT \(limit + 1)",
            (time.map { [$0] } ?? []) + conditions.arguments
        ) { RoomMemberRow(namespace: $0[0], room: $0[1], sessionID: $0[2], sid: $0[3], since: UnixTime.text($0[4])) }
        guard items.count > limit else { return TapePage(items: items, next: nil) }
        items.removeLast()
        return TapePage(items: items, next: items.last?.sessionID)
    }

    /// Memberships as rows (room_id, session_id, since_us). At a moment: the last change before it was a join, and the session had not ended.
    private func members(at time: Int64?) -> String {
        guard time != nil else {
            return """
                SELECT m.room_id, m.session_id, m.since_us FROM room_member m JOIN session s ON s.id = m.session_id
                WHERE s.disconnected_us IS NULL
                """
        }
        return """
            SELECT c.room_id, c.session_id, c.at_us
            FROM session s CROSS JOIN room_change c INDEXED BY room_change_session ON c.session_id = s.id
            WHERE s.connected_us <= ?1 AND (s.disconnected_us IS NULL OR s.disconnected_us > ?1)
                AND c.action = 1 AND c.at_us <= ?1
                AND NOT EXISTS (
                    SELECT 1 FROM room_change l INDEXED BY room_change_session
                    WHERE l.session_id = c.session_id AND l.room_id = c.room_id AND l.id > c.id AND l.at_us <= ?1)
            """
    }
}

extension Conditions {
    fileprivate init(_ terms: KeyValuePairs<String, any DatabaseValueConvertible>) {
        self.init()
        for (term, value) in terms { add(term, value) }
    }
}

extension RoomChangeRow {
    fileprivate init(_ row: Row) {
        id = row["id"]
        sessionID = row["session_id"]
        sid = row["sid"]
        atMicroseconds = row["at_us"]
        at = UnixTime.text(atMicroseconds)
        namespace = row["namespace"]
        room = row["room"]
        action = row["action"] == 1 ? .join : .leave
        cause = (row["cause"] as Int?).flatMap {
            ["app", "connect", "disconnect"].indices.contains($0) ? ["app", "connect", "disconnect"][$0] : nil
        }
        packetID = row["packet_id"]
    }
}
