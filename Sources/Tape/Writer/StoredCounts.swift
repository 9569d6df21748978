/// The counts that rows keep, as SQL: what the writer, the end of a run and the copies have in common.
enum StoredCounts {
    /// In `counted_id`: the session has ended, its row counts all.
    static let all = Int64.max

    /// Adds to the rows of some sessions what they do not count yet, which is found by indexes, and says up to where they count now.
    static func recount(_ condition: String, upTo id: String) -> String {
        """
        UPDATE session SET
            packets_in = coalesce(packets_in, 0) + (SELECT count(*) FROM packet p
                WHERE p.session_id = session.id AND p.id >= session.counted_id AND p.direction = 0),
            packets_out = coalesce(packets_out, 0) + (SELECT count(*) FROM packet p
                    WHERE p.session_id = session.id AND p.id >= session.counted_id AND p.direction = 1)
                + (SELECT count(*) FROM receiver r JOIN delivery d ON d.list_id = r.list_id AND d.id >= session.counted_id
                    WHERE r.session_id = session.id AND r.position < d.length
                        AND (d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted)))),
            counted_id = \(id)
        WHERE (\(condition)) AND counted_id <> \(all)
        """
    }

    /// Counts the members of all rooms anew. Who is left when a run ends has gone, unless the runs are those of nodes side by side.
    static func countRooms(acrossRuns: Bool) -> String {
        """
        UPDATE room SET members = (SELECT count(*) FROM room_member m WHERE m.room_id = room.id);
        UPDATE room SET most = members;
        UPDATE room SET most = max(members, counted.most)
        FROM (
            SELECT room_id, max(members) AS most FROM (
                SELECT
                    room_id,
                    sum(CASE c.action WHEN 1 THEN 1 ELSE -1 END)
                        OVER (PARTITION BY c.room_id\(acrossRuns ? "" : ", s.run_id") ORDER BY c.id ROWS UNBOUNDED PRECEDING) AS members
                FROM room_change c JOIN session s ON s.id = c.session_id)
            GROUP BY room_id) AS counted
        WHERE counted.room_id = room.id;
        """
    }
}
