import GRDBSQLite
import NIOCore

/// What SQLite itself can do with rows of this kind: one prepared statement, one table, one index, 5000 rows a transaction.
struct BareLoop {
    let path: String

    /// Rows per second of the thread's CPU time, and bytes per row.
    func run(rows: Int) throws -> (seconds: Double, cpu: Double, bytes: Int) {
        var handle: OpaquePointer?
        guard sqlite3_open(path, &handle) == SQLITE_OK, let handle else { throw Failure("SQLite cannot open \(path)") }
        defer { sqlite3_close(handle) }
        let schema = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000;
            CREATE TABLE packet (id INTEGER PRIMARY KEY, session_id INTEGER NOT NULL, at_us INTEGER NOT NULL, direction INTEGER NOT NULL,
                type INTEGER NOT NULL, event_id INTEGER, ack_id INTEGER, bytes INTEGER NOT NULL, attachments INTEGER NOT NULL,
                payload TEXT) STRICT;
            CREATE INDEX packet_session ON packet (session_id);
            """
        guard sqlite3_exec(handle, schema, nil, nil, nil) == SQLITE_OK else { throw Failure("SQLite refuses the schema") }
        var statement: OpaquePointer?
        sqlite3_prepare_v2(handle, "INSERT INTO packet VALUES (?,?,?,?,?,?,?,?,?,?)", -1, &statement, nil)
        defer { sqlite3_finalize(statement) }
        let payload = ByteBuffer(string: String(repeating: "x", count: Traffic.payloadBytes))
        let clock = Stopwatch()
        try payload.withUnsafeReadableBytes { bytes in
            for row in 0..<rows {
                if row % 5000 == 0 { sqlite3_exec(handle, "BEGIN", nil, nil, nil) }
                sqlite3_bind_int64(statement, 1, Int64(row + 1))
                sqlite3_bind_int64(statement, 2, Int64((row &* 7919) % 1000 + 1))
                sqlite3_bind_int64(statement, 3, 1_790_000_000_000_000 + Int64(row))
                sqlite3_bind_int64(statement, 4, Int64(row & 1))
                sqlite3_bind_int64(statement, 5, 2)
                sqlite3_bind_int64(statement, 6, 1)
                sqlite3_bind_int64(statement, 7, Int64(row))
                sqlite3_bind_int64(statement, 8, 120)
                sqlite3_bind_int64(statement, 9, 0)
                sqlite3_bind_text64(
                    statement, 10, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
                guard sqlite3_step(statement) == SQLITE_DONE else { throw Failure("SQLite refuses a row") }
                sqlite3_reset(statement)
                if row % 5000 == 4999 || row == rows - 1 { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
            }
        }
        sqlite3_exec(handle, "PRAGMA wal_checkpoint(TRUNCATE)", nil, nil, nil)
        return (clock.seconds, clock.cpu, try fileSize(path))
    }
}
