/// The rows that begin and end a run.
enum RunRows {
    /// What a new run has to know of the tape it is appended to.
    struct Beginning {
        var run: Int64
        var base: TapeInserter.Base
        var nextID: Int64
    }

    static func begin(_ run: TapeRun, on connection: SQLiteConnection, now: Int64) throws(SQLiteError) -> Beginning {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            try endInterrupted(on: connection)
            let statement = try connection.prepare(
                "INSERT INTO run (started_us, kind, host, software, upstream, settings, first_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id"
            )
            statement.bind(1, run.startedAt ?? now)
            statement.bind(2, run.kind.rawValue)
            statement.bind(3, run.host)
            statement.bind(4, run.software)
            statement.bind(5, run.upstream)
            statement.bind(6, run.settings)
            let nextID = try nextID(on: connection)
            statement.bind(7, nextID)
            guard try statement.step() else { throw connection.lastError }
            let id = statement.integer(0)
            statement.reset()
            let beginning = Beginning(
                run: id,
                base: TapeInserter.Base(
                    connection: try connection.integer("SELECT max(id) FROM connection") ?? 0,
                    session: try connection.integer("SELECT max(id) FROM session") ?? 0,
                    broadcast: try connection.integer("SELECT max(id) FROM broadcast") ?? 0),
                nextID: nextID)
            try connection.execute("COMMIT")
            return beginning
        } catch {
            if connection.isInTransaction { try connection.execute("ROLLBACK") }
            throw error
        }
    }

    /// Begins the run in a new file that goes on where another has ended, in one transaction.
    static func proceed(
        _ run: TapeRun, as id: Int64, firstID: Int64, carrying rows: CarriedRows?, on connection: SQLiteConnection, now: Int64
    ) throws(SQLiteError) -> Int64 {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            let statement = try connection.prepare(
                "INSERT INTO run (id, started_us, kind, host, software, upstream, settings, first_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
            )
            statement.bind(1, id)
            statement.bind(2, now)
            statement.bind(3, run.kind.rawValue)
            statement.bind(4, run.host)
            statement.bind(5, run.software)
            statement.bind(6, run.upstream)
            statement.bind(7, run.settings)
            statement.bind(8, firstID)
            try statement.run()
            try rows?.insert(into: connection, run: id)
            try connection.execute("COMMIT")
            return id
        } catch {
            if connection.isInTransaction { try connection.execute("ROLLBACK") }
            throw error
        }
    }

    static func end(_ run: Int64, on connection: SQLiteConnection, at: Int64, reason: String) throws(SQLiteError) {
        // A clock that went back must not make a run end before it began.
        let start = try connection.integer("SELECT started_us FROM run WHERE id = \(run)") ?? at
        try close(run, on: connection, at: max(at, start), status: "ended", reason: reason)
    }

    /// Runs that nobody ended: the process was killed. The last thing they hold is their end.
    private static func endInterrupted(on connection: SQLiteConnection) throws(SQLiteError) {
        while let run = try connection.integer("SELECT id FROM run WHERE status = 'running' LIMIT 1") {
            let last =
                try connection.integer(
                    """
                    SELECT max(at) FROM (
                        SELECT started_us AS at FROM run WHERE id = \(run)
                        UNION ALL SELECT (SELECT at_us FROM packet ORDER BY id DESC LIMIT 1)
                        UNION ALL SELECT (SELECT at_us FROM connection_packet ORDER BY id DESC LIMIT 1)
                        UNION ALL SELECT (SELECT at_us FROM delivery ORDER BY id DESC LIMIT 1)
                        UNION ALL SELECT (SELECT at_us FROM room_change ORDER BY id DESC LIMIT 1)
                        UNION ALL SELECT (SELECT max(opened_us, coalesce(closed_us, 0)) FROM connection ORDER BY id DESC LIMIT 1))
                    """) ?? 0
            try close(run, on: connection, at: last, status: "interrupted", reason: "recording interrupted")
        }
    }

    private static func close(_ run: Int64, on connection: SQLiteConnection, at: Int64, status: String, reason: String) throws(SQLiteError)
    {
        try connection.execute(
            """
            \(StoredCounts.recount("disconnected_us IS NULL AND connected_us IS NOT NULL AND run_id = \(run)", upTo: "\(StoredCounts.all)"));
            UPDATE session SET disconnected_us = \(at), reason = '\(reason)'
                WHERE disconnected_us IS NULL AND connected_us IS NOT NULL AND run_id = \(run);
            UPDATE connection SET closed_us = \(at), close_reason = '\(reason)' WHERE closed_us IS NULL AND run_id = \(run);
            UPDATE ack SET status = 3 WHERE status <> 1 AND status = 0;
            DELETE FROM room_member;
            UPDATE room SET members = 0 WHERE members <> 0;
            UPDATE run SET ended_us = \(at), status = '\(status)' WHERE id = \(run);
            """)
    }

    /// The first id of the common sequence that no packet and no room change has.
    private static func nextID(on connection: SQLiteConnection) throws(SQLiteError) -> Int64 {
        let last = try connection.integer(
            """
            SELECT max(id) FROM (
                SELECT max(id) AS id FROM packet
                UNION ALL SELECT max(id) FROM connection_packet
                UNION ALL SELECT max(id) FROM room_change
                UNION ALL SELECT max(id) FROM marker
                UNION ALL SELECT max(id) FROM volatile_drop
                UNION ALL SELECT id + length FROM (SELECT id, length FROM delivery ORDER BY id DESC LIMIT 1))
            """)
        return (last ?? 0) + 1
    }
}
