/// Puts several tapes into one with one time line: what the nodes of a cluster recorded, or the tapes of a rotation.
///
/// Packets are ordered by their times, those of one tape as they were there, so the nodes' clocks have to agree as well as the order should.
/// Runs stay apart; ids are given anew.
public enum TapeMerge {
    /// - Parameter paths: two to nine tapes.
    /// - Throws: `TapeError.exists` if there is a file at `output`; what opening the tapes throws; `.database`.
    public static func merge(_ paths: [String], to output: String) throws(TapeError) -> TapeCopySummary {
        let sources = Dictionary(uniqueKeysWithValues: paths.enumerated().map { (source($0), $1) })
        return try NewTape.make(at: output, from: sources) { connection in
            try orderIDs(paths.count, on: connection)
            for index in paths.indices { try copy(index, on: connection) }
        }
    }

    private static func source(_ index: Int) -> String { "s\(index)" }

    /// Everything of a tape that has an id of the common sequence, in its order.
    private final class Line {
        let statement: SQLiteStatement
        let shifts: SQLiteStatement
        var id: Int64 = 0
        var length: Int64 = 0
        /// Never goes back, whatever a clock did: the order within a tape stays.
        var at = Int64.min
        private var shift: Int64?

        init(_ source: String, _ connection: SQLiteConnection) throws(SQLiteError) {
            let omitted = "CASE WHEN omitted IS NULL THEN 0 ELSE json_array_length(omitted) END"
            statement = try connection.prepare(
                """
                SELECT id, at_us, 1 FROM \(source).packet
                UNION ALL SELECT id, at_us, 1 FROM \(source).connection_packet
                UNION ALL SELECT id, at_us, max(1, length - \(omitted)) FROM \(source).delivery
                UNION ALL SELECT id, at_us, 1 FROM \(source).room_change
                UNION ALL SELECT id, at_us, 1 FROM \(source).marker
                UNION ALL SELECT id, at_us, 1 FROM \(source).volatile_drop
                ORDER BY 1
                """)
            try connection.execute("CREATE TEMP TABLE shift_\(source) (start INTEGER PRIMARY KEY, shift INTEGER NOT NULL)")
            shifts = try connection.prepare("INSERT INTO shift_\(source) VALUES (?1, ?2)")
        }

        func advance() throws(SQLiteError) -> Bool {
            guard try statement.step() else { return false }
            id = statement.integer(0)
            at = max(at, statement.integer(1))
            length = statement.integer(2)
            return true
        }

        /// Notes the new id, where it is not the one that follows from the last note.
        func give(_ newID: Int64) throws(SQLiteError) {
            guard shift != newID - id else { return }
            shift = newID - id
            shifts.bind(1, id)
            shifts.bind(2, newID - id)
            try shifts.run()
        }
    }

    /// Gives new ids by time, and writes them down as what old ids are moved by, from where on.
    private static func orderIDs(_ count: Int, on connection: SQLiteConnection) throws(SQLiteError) {
        var lines: [Line] = []
        for index in 0..<count {
            let line = try Line(source(index), connection)
            if try line.advance() { lines.append(line) }
        }
        var next: Int64 = 1
        while let line = lines.min(by: { $0.at < $1.at }) {
            try line.give(next)
            next += line.length
            if try !line.advance() { lines.removeAll { $0 === line } }
        }
    }

    private static func copy(_ index: Int, on connection: SQLiteConnection) throws(SQLiteError) {
        let s = source(index)
        func highest(_ sql: String) throws(SQLiteError) -> Int64 { try connection.integer("SELECT max(\(sql)") ?? 0 }
        let run = try highest("id) FROM main.run")
        let link = try highest("id) FROM main.connection")
        let session = try highest("id) FROM main.session")
        let broadcast = try highest("id) FROM main.broadcast")
        let list = try highest("list_id) FROM main.receiver")
        func moved(_ id: String) -> String {
            "\(id) + (SELECT shift FROM shift_\(s) WHERE start <= \(id) ORDER BY start DESC LIMIT 1)"
        }
        // Up to which id others count means nothing where ids are new: they are counted anew.
        let isCounted = "counted_id = \(StoredCounts.all)"
        func named(_ kind: String, _ id: String) -> String { "(SELECT new FROM \(kind)_\(s) WHERE old = \(id))" }
        try connection.execute(
            """
            INSERT OR IGNORE INTO namespace (name) SELECT name FROM \(s).namespace ORDER BY id;
            INSERT OR IGNORE INTO event_name (name) SELECT name FROM \(s).event_name ORDER BY id;
            CREATE TEMP TABLE namespace_\(s) (old INTEGER PRIMARY KEY, new INTEGER);
            CREATE TEMP TABLE event_\(s) (old INTEGER PRIMARY KEY, new INTEGER);
            CREATE TEMP TABLE room_\(s) (old INTEGER PRIMARY KEY, new INTEGER);
            INSERT INTO namespace_\(s) SELECT o.id, n.id FROM \(s).namespace o JOIN main.namespace n ON n.name = o.name;
            INSERT INTO event_\(s) SELECT o.id, n.id FROM \(s).event_name o JOIN main.event_name n ON n.name = o.name;
            INSERT OR IGNORE INTO room (namespace_id, name) SELECT \(named("namespace", "namespace_id")), name FROM \(s).room ORDER BY id;
            INSERT INTO room_\(s) SELECT o.id, n.id FROM \(s).room o
                JOIN main.room n ON n.name = o.name AND n.namespace_id = \(named("namespace", "o.namespace_id"));

            -- Runs of several tapes overlap: each has ids from the first on.
            INSERT INTO main.run (id, first_id, started_us, ended_us, kind, host, software, upstream, settings, status)
                SELECT id + \(run), 1, started_us, ended_us, kind, host, software, upstream, settings, status FROM \(s).run ORDER BY id;
            INSERT INTO main.connection SELECT id + \(link), run_id + \(run), sid, protocol, transport, remote_address, url, headers, opened_us,
                upgraded_us, closed_us, close_reason, close_detail, bytes_in, bytes_out FROM \(s).connection ORDER BY id;
            INSERT INTO main.session
                (id, connection_id, run_id, namespace_id, sid, auth, connected_us, disconnected_us, reason, recovered, packets_in, packets_out,
                recovered_from, counted_id)
                SELECT id + \(session), connection_id + \(link), run_id + \(run), \(named("namespace", "namespace_id")), sid, auth, connected_us,
                    disconnected_us, reason, recovered, CASE WHEN \(isCounted) THEN packets_in ELSE 0 END,
                    CASE WHEN \(isCounted) THEN packets_out ELSE 0 END, recovered_from + \(session),
                    CASE WHEN \(isCounted) THEN counted_id ELSE 0 END FROM \(s).session ORDER BY id;

            INSERT INTO main.packet
                (id, session_id, at_us, direction, type, event_id, ack_id, bytes, attachments, payload, recovery_offset)
                SELECT \(moved("id")), session_id + \(session), at_us, direction, type, \(named("event", "event_id")), ack_id, bytes,
                    attachments, payload, recovery_offset FROM \(s).packet ORDER BY id;
            INSERT INTO main.connection_packet
                (id, connection_id, at_us, direction, layer, type, namespace_id, event_id, ack_id, bytes, attachments, payload)
                SELECT \(moved("id")), connection_id + \(link), at_us, direction, layer, type, \(named("namespace", "namespace_id")),
                    \(named("event", "event_id")), ack_id, bytes, attachments, payload FROM \(s).connection_packet ORDER BY id;
            INSERT INTO main.packet_attachment (packet_id, idx, data) SELECT \(moved("packet_id")), idx, data FROM \(s).packet_attachment;
            INSERT INTO main.broadcast
                (id, at_us, type, namespace_id, event_id, ack_id, bytes, attachments, payload, recovery_offset)
                SELECT id + \(broadcast), at_us, type, \(named("namespace", "namespace_id")), \(named("event", "event_id")), ack_id, bytes,
                    attachments, payload, recovery_offset FROM \(s).broadcast ORDER BY id;
            INSERT INTO main.broadcast_attachment (broadcast_id, idx, data)
                SELECT broadcast_id + \(broadcast), idx, data FROM \(s).broadcast_attachment;
            INSERT INTO main.receiver (list_id, position, session_id)
                SELECT list_id + \(list), position, session_id + \(session) FROM \(s).receiver ORDER BY list_id, position;
            INSERT INTO main.delivery (id, broadcast_id, at_us, list_id, length, omitted)
                SELECT \(moved("id")), broadcast_id + \(broadcast), at_us, list_id + \(list), length, omitted FROM \(s).delivery ORDER BY id;
            INSERT INTO main.ack
                (request_id, response_id, session_id, event_id, direction, ack_id, requested_us, acked_us, latency_ms, status)
                SELECT \(moved("request_id")), \(moved("response_id")), session_id + \(session), \(named("event", "event_id")), direction, ack_id,
                    requested_us, acked_us, latency_ms, status FROM \(s).ack ORDER BY request_id;
            INSERT INTO main.room_change (id, session_id, at_us, room_id, action, cause, packet_id)
                SELECT \(moved("id")), session_id + \(session), at_us, \(named("room", "room_id")), action, cause, \(moved("packet_id"))
                FROM \(s).room_change ORDER BY id;
            INSERT INTO main.room_member (room_id, session_id, since_us)
                SELECT \(named("room", "room_id")), session_id + \(session), since_us FROM \(s).room_member;
            INSERT INTO main.marker (id, run_id, at_us, name) SELECT \(moved("id")), run_id + \(run), at_us, name FROM \(s).marker ORDER BY id;
            INSERT INTO main.volatile_drop (id, session_id, at_us, event_id, bytes, broadcast_id)
                SELECT \(moved("id")), session_id + \(session), at_us, \(named("event", "event_id")), bytes, broadcast_id + \(broadcast)
                FROM \(s).volatile_drop ORDER BY id;
            INSERT INTO main.gap (run_id, from_us, to_us, packets, reason)
                SELECT run_id + \(run), from_us, to_us, packets, reason FROM \(s).gap ORDER BY id;
            """)
    }
}
