import GRDBSQLite

/// What is open when a recording goes over to another file: the new tape has to know of the connections, sessions and rooms
/// that its packets belong to, of acks that are still to come, and of broadcasts that may still be delivered.
struct CarriedRows {
    private struct Table {
        var name: String
        var columns: [String]
        var rows: [[TapeValue]]
    }

    private var tables: [Table] = []

    private static let recentBroadcasts = "SELECT id FROM broadcast ORDER BY id DESC LIMIT 200"

    private static let selections = [
        ("namespace", "true"),
        ("connection", "closed_us IS NULL"),
        ("session", "disconnected_us IS NULL AND connection_id IN (SELECT id FROM connection WHERE closed_us IS NULL)"),
        ("room", "id IN (SELECT room_id FROM room_member)"),
        ("room_member", "true"),
        ("ack", "status <> 1 AND status = 0"),
        ("broadcast", "id IN (\(recentBroadcasts))"),
        ("broadcast_attachment", "broadcast_id IN (\(recentBroadcasts))"),
        (
            "event_name",
            """
            id IN (SELECT event_id FROM ack WHERE status <> 1 AND status = 0
                UNION SELECT event_id FROM broadcast WHERE id IN (\(recentBroadcasts)))
            """
        ),
    ]

    /// Reads them, while nothing has been ended yet.
    init(from connection: SQLiteConnection) throws(SQLiteError) {
        for (name, condition) in Self.selections {
            let statement = try connection.prepare("SELECT * FROM \(name) WHERE \(condition)")
            var table = Table(name: name, columns: statement.columnNames, rows: [])
            while try statement.step() { table.rows.append((0..<statement.columnCount).map { statement.value($0) }) }
            tables.append(table)
        }
    }

    /// Writes them into a new tape, inside a transaction.
    func insert(into connection: SQLiteConnection, run: Int64) throws(SQLiteError) {
        for table in tables where !table.rows.isEmpty {
            let marks = table.columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
            let statement = try connection.prepare(
                "INSERT INTO \(table.name) (\(table.columns.joined(separator: ", "))) VALUES (\(marks))")
            let runColumn = table.columns.firstIndex(of: "run_id")
            for row in table.rows {
                for (index, value) in row.enumerated() {
                    statement.bind(Int32(index + 1), index == runColumn ? .integer(run) : value)
                }
                try statement.run()
            }
        }
        // They count what is on this tape.
        try connection.execute("UPDATE session SET packets_in = 0, packets_out = 0, counted_id = 0; UPDATE room SET most = members")
    }
}
