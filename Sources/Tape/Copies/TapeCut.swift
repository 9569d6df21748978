import Foundation

/// What is taken over into a smaller tape; what is empty or nil does not matter.
public struct TapeSelection: Sendable, Equatable {
    public var sessions: [Int64] = []
    public var connections: [Int64] = []
    public var namespaces: [String] = []
    /// Events of these names and their acks.
    public var events: [String] = []
    /// Microseconds since 1970, inclusive.
    public var since: Int64?
    /// Microseconds since 1970, exclusive.
    public var until: Int64?

    public init() {}
}

/// What a tape that was made from others holds.
public struct TapeCopySummary: Sendable, Equatable {
    public var runs: Int64
    public var connections: Int64
    public var sessions: Int64
    public var packets: Int64
}

/// Makes a smaller tape from a tape, one that still replays: whoever is on it connects and leaves as before, in the same order.
///
/// Ids stay as they were. Of a session that was chosen, its connect and disconnect are kept, what made it join and leave rooms, and
/// what the server greeted it with, whenever that was; an ack is kept with its request. Nothing else goes into the new file, names
/// neither.
public enum TapeCut {
    /// - Parameter scrubbing: what is taken out of what is taken over.
    /// - Throws: `TapeError.exists` if there is a file at `output`; what opening the tape throws; `.database`.
    public static func cut(
        _ path: String, to output: String, _ selection: TapeSelection, scrubbing: Redaction = .nothing
    ) throws(TapeError) -> TapeCopySummary {
        try NewTape.make(at: output, from: ["src": path]) { connection in
            try choose(selection, on: connection)
            try copyRows(selection, on: connection)
            try BroadcastCut(connection, selection).copy()
            try copyNames(on: connection)
            try TapeScrub(scrubbing, on: connection)?.scrub()
        }
    }

    /// Fills `temp.chosen` with sessions (sockets that were refused included) and `temp.chosen_connection`.
    private static func choose(_ selection: TapeSelection, on connection: SQLiteConnection) throws(SQLiteError) {
        try connection.execute(
            """
            CREATE TEMP TABLE chosen_event (id INTEGER PRIMARY KEY);
            CREATE TEMP TABLE chosen (
                id INTEGER PRIMARY KEY, connection_id INTEGER NOT NULL, greeted_before INTEGER, greeted_until_us INTEGER);
            CREATE TEMP TABLE chosen_connection (id INTEGER PRIMARY KEY);
            CREATE TEMP TABLE chosen_ack (response_id INTEGER PRIMARY KEY);
            CREATE TEMP TABLE chosen_cause (id INTEGER PRIMARY KEY);
            """)
        for event in selection.events {
            let statement = try connection.prepare("INSERT OR IGNORE INTO chosen_event SELECT id FROM src.event_name WHERE name = ?1")
            statement.bind(1, event)
            try statement.run()
        }
        var conditions = ["true"]
        if !selection.sessions.isEmpty { conditions.append("s.id IN (\(list(selection.sessions)))") }
        if !selection.connections.isEmpty { conditions.append("s.connection_id IN (\(list(selection.connections)))") }
        if !selection.namespaces.isEmpty { conditions.append("n.name IN (\(list(selection.namespaces)))") }
        if let since = selection.since { conditions.append("coalesce(s.disconnected_us, c.closed_us, \(since)) >= \(since)") }
        if let until = selection.until { conditions.append("coalesce(s.connected_us, c.opened_us) < \(until)") }
        if !selection.events.isEmpty {
            conditions.append(
                """
                (EXISTS (SELECT 1 FROM src.packet p WHERE p.session_id = s.id AND p.event_id IN (SELECT id FROM chosen_event) \(span("p.at_us", selection)))
                OR EXISTS (SELECT 1 FROM src.receiver r JOIN src.delivery d ON d.list_id = r.list_id AND r.position < d.length
                    JOIN src.broadcast b ON b.id = d.broadcast_id
                    WHERE r.session_id = s.id AND b.event_id IN (SELECT id FROM chosen_event) \(span("d.at_us", selection))))
                """)
        }
        try connection.execute(
            """
            INSERT INTO chosen SELECT s.id, s.connection_id,
                    (SELECT min(p.id) FROM src.packet p WHERE p.session_id = s.id AND p.direction = 0 AND p.type <> 0), s.connected_us + 1000000
                FROM src.session s
                JOIN src.connection c ON c.id = s.connection_id JOIN src.namespace n ON n.id = s.namespace_id
                WHERE \(conditions.joined(separator: " AND "));
            INSERT INTO chosen_connection SELECT DISTINCT connection_id FROM chosen;
            """)
        // Connections that never joined a namespace are of interest where nobody asks for sessions.
        guard selection.sessions.isEmpty, selection.namespaces.isEmpty, selection.events.isEmpty else { return }
        var wanted = ["true"]
        if !selection.connections.isEmpty { wanted.append("id IN (\(list(selection.connections)))") }
        if let since = selection.since { wanted.append("coalesce(closed_us, \(since)) >= \(since)") }
        if let until = selection.until { wanted.append("opened_us < \(until)") }
        try connection.execute(
            "INSERT OR IGNORE INTO chosen_connection SELECT id FROM src.connection WHERE \(wanted.joined(separator: " AND "))")
    }

    private static func copyRows(_ selection: TapeSelection, on connection: SQLiteConnection) throws(SQLiteError) {
        let event = selection.events.isEmpty ? "true" : "event_id IN (SELECT id FROM chosen_event)"
        let before = selection.until.map { "AND at_us < \($0)" } ?? ""
        try connection.execute(
            """
            INSERT INTO run SELECT * FROM src.run WHERE id IN
                (SELECT run_id FROM src.connection WHERE id IN (SELECT id FROM chosen_connection));
            INSERT INTO connection SELECT * FROM src.connection WHERE id IN (SELECT id FROM chosen_connection);
            INSERT INTO session SELECT * FROM src.session WHERE id IN (SELECT id FROM chosen);
            UPDATE session SET packets_in = 0, packets_out = 0, counted_id = 0;
            UPDATE session SET recovered_from = NULL WHERE recovered_from NOT IN (SELECT id FROM chosen);

            INSERT INTO room_change SELECT * FROM src.room_change WHERE session_id IN (SELECT id FROM chosen) \(before);
            -- What made them join and leave belongs to it, or nobody would be in a room when the tape is replayed.
            INSERT INTO chosen_cause SELECT DISTINCT packet_id FROM room_change WHERE packet_id IS NOT NULL AND cause = 0;
            INSERT INTO ack SELECT * FROM src.ack WHERE session_id IN (SELECT id FROM chosen)
                AND ((\(event) \(span("requested_us", selection))) OR request_id IN (SELECT id FROM chosen_cause));
            UPDATE ack SET response_id = NULL, acked_us = NULL, latency_ms = NULL, status = 0
                WHERE \(selection.until.map { "acked_us >= \($0)" } ?? "false");
            INSERT OR IGNORE INTO chosen_ack SELECT response_id FROM ack WHERE response_id IS NOT NULL;

            INSERT INTO packet SELECT * FROM src.packet AS packet WHERE session_id IN (SELECT id FROM chosen) AND (
                type IN (0, 1, 4)
                OR (type IN (3, 6) AND id IN (SELECT response_id FROM chosen_ack))
                OR (type IN (2, 5) AND \(event) \(span("at_us", selection)))
                OR id IN (SELECT id FROM chosen_cause)
                -- What the server greets with comes again whenever somebody connects.
                OR (direction = 1 AND EXISTS (SELECT 1 FROM chosen c WHERE c.id = session_id
                    AND packet.id < coalesce(c.greeted_before, packet.id + 1) AND at_us < c.greeted_until_us)));
            INSERT INTO packet_attachment SELECT a.* FROM src.packet_attachment a JOIN packet p ON p.id = a.packet_id;

            INSERT INTO connection_packet SELECT * FROM src.connection_packet WHERE connection_id IN (SELECT id FROM chosen_connection) AND (
                (layer = 0 AND type IN (0, 1, 5)) OR (\(event == "true" ? "true" : "layer = 0") \(span("at_us", selection))));
            INSERT INTO packet_attachment SELECT a.* FROM src.packet_attachment a JOIN connection_packet p ON p.id = a.packet_id;

            INSERT INTO room_member SELECT * FROM src.room_member
                WHERE session_id IN (SELECT id FROM chosen) AND \(selection.until == nil ? "true" : "false");
            INSERT INTO volatile_drop SELECT * FROM src.volatile_drop
                WHERE session_id IN (SELECT id FROM chosen) AND \(event) \(span("at_us", selection));
            INSERT INTO marker SELECT * FROM src.marker WHERE run_id IN (SELECT id FROM run) \(span("at_us", selection));
            INSERT INTO gap SELECT * FROM src.gap WHERE run_id IN (SELECT id FROM run)
                AND \(selection.since.map { "to_us >= \($0)" } ?? "true") AND \(selection.until.map { "from_us < \($0)" } ?? "true");
            """)
    }

    /// Only the names that are used: the others may tell what was cut away.
    private static func copyNames(on connection: SQLiteConnection) throws(SQLiteError) {
        try connection.execute(
            """
            INSERT INTO room SELECT * FROM src.room WHERE id IN (SELECT room_id FROM room_change UNION SELECT room_id FROM room_member);
            INSERT INTO namespace SELECT * FROM src.namespace WHERE id IN (
                SELECT namespace_id FROM session UNION SELECT namespace_id FROM room
                UNION SELECT namespace_id FROM broadcast UNION SELECT namespace_id FROM connection_packet);
            INSERT INTO event_name SELECT * FROM src.event_name WHERE id IN (
                SELECT event_id FROM packet UNION SELECT event_id FROM connection_packet UNION SELECT event_id FROM broadcast
                UNION SELECT event_id FROM ack UNION SELECT event_id FROM volatile_drop);
            """)
    }

    static func span(_ column: String, _ selection: TapeSelection) -> String {
        (selection.since.map { "AND \(column) >= \($0) " } ?? "") + (selection.until.map { "AND \(column) < \($0)" } ?? "")
    }

    private static func list(_ numbers: [Int64]) -> String { numbers.map(String.init).joined(separator: ", ") }

    private static func list(_ names: [String]) -> String {
        names.map { "'" + $0.replacingOccurrences(of: "'", with: "''") + "'" }.joined(separator: ", ")
    }
}

extension TapeCopySummary {
    init(of connection: SQLiteConnection) throws(SQLiteError) {
        func count(_ sql: String) throws(SQLiteError) -> Int64 { try connection.integer("SELECT count(*) FROM \(sql)") ?? 0 }
        let delivered = "SELECT total(length - CASE WHEN omitted IS NULL THEN 0 ELSE json_array_length(omitted) END) FROM delivery"
        runs = try count("run")
        connections = try count("connection")
        sessions = try count("session WHERE connected_us IS NOT NULL")
        packets = try count("packet") + count("connection_packet") + (connection.integer(delivered) ?? 0)
    }
}
