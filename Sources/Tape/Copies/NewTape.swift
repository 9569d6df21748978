import Foundation
import GRDBSQLite

/// A tape that is made from others: written beside its place and moved there once it is complete.
final class NewTape {
    private let connection: SQLiteConnection
    private let path: String
    private let draft: String

    /// Makes a tape in one transaction, which sees each source in one state though it may be growing.
    ///
    /// - Parameter sources: tapes by the names of the schemas that `fill` reads them under.
    static func make(at path: String, from sources: [String: String], _ fill: (SQLiteConnection) throws -> Void) throws(TapeError)
        -> TapeCopySummary
    {
        do {
            let tape = try NewTape(path: path)
            defer { tape.discard() }
            for (name, source) in sources { try tape.attach(source, as: name) }
            try tape.connection.execute("BEGIN")
            try fill(tape.connection)
            try tape.countEvents()
            try tape.connection.execute(
                StoredCounts.recount("true", upTo: "\(StoredCounts.all)") + ";" + StoredCounts.countRooms(acrossRuns: sources.count > 1))
            try tape.endRuns()
            try tape.connection.execute("COMMIT")
            let summary = try TapeCopySummary(of: tape.connection)
            try tape.finish()
            return summary
        } catch {
            throw TapeError(reading: error)
        }
    }

    /// - Throws: `TapeError.exists` if there is something at the path.
    private init(path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else { throw TapeError.exists(path: path) }
        self.path = path
        draft = path + ".part"
        Self.remove(draft)
        connection = try SQLiteConnection(
            path: draft, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI)
        // A draft that breaks off is thrown away: it needs no journal.
        try connection.execute(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -64000; PRAGMA temp_store = MEMORY")
        try TapeMigrations.apply(to: connection)
    }

    /// Makes another tape readable as the schema `name`; it is brought up to date if it is older.
    private func attach(_ path: String, as name: String) throws {
        let readable = try TapeFile.checkForReading(path)
        let uri = TapeFile.uri(path, isImmutable: readable.isImmutable)
        let statement = try connection.prepare("ATTACH ?1 AS \(name)")
        statement.bind(1, uri + (readable.isImmutable ? "" : "?mode=ro"))
        try statement.run()
    }

    /// The counts of packets by event and block of ids, from what is there.
    private func countEvents() throws(SQLiteError) {
        let omitted = "CASE WHEN d.omitted IS NULL THEN 0 ELSE json_array_length(d.omitted) END"
        try connection.execute(
            """
            INSERT INTO event_block (event_id, block, packets_in, packets_out, bytes)
            SELECT event_id, block, sum(received), sum(sent), sum(bytes) FROM (
                SELECT event_id, id >> \(EventBlocks.blockBits) AS block, direction = 0 AS received, direction = 1 AS sent, bytes FROM packet
                UNION ALL
                SELECT event_id, id >> \(EventBlocks.blockBits), direction = 0, direction = 1, bytes FROM connection_packet
                UNION ALL
                SELECT b.event_id, d.id >> \(EventBlocks.blockBits), 0, d.length - \(omitted), (d.length - \(omitted)) * b.bytes
                FROM delivery d JOIN broadcast b ON b.id = d.broadcast_id)
            WHERE event_id IS NOT NULL GROUP BY event_id, block
            """)
    }

    /// Runs that are still going on elsewhere have an end here: the last thing that is known of them.
    private func endRuns() throws(SQLiteError) {
        try connection.execute(
            """
            UPDATE run SET status = 'ended', ended_us = max(started_us, coalesce((
                SELECT max(at) FROM (
                    SELECT max(at_us) AS at FROM packet UNION ALL SELECT max(at_us) FROM connection_packet
                    UNION ALL SELECT max(at_us) FROM delivery)), 0))
            WHERE status = 'running'
            """)
    }

    /// Puts the tape to its place.
    private func finish() throws {
        guard sync(draft), rename(draft, path) == 0 else {
            throw TapeError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// Throws the draft away; after `finish` there is none.
    private func discard() { Self.remove(draft) }

    private func sync(_ path: String) -> Bool {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return false }
        defer { close(file) }
        return fsync(file) == 0
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }
}
