import GRDBSQLite

/// Hears from SQLite how many pages the WAL has after each commit of a connection.
final class WALSize {
    /// Changed by the connection's commits, so on the thread that uses the connection.
    private(set) var pages = 0

    init(of connection: SQLiteConnection) {
        connection.callbackContext = self
        sqlite3_wal_hook(
            connection.handle,
            { context, _, _, pages in
                if let context { Unmanaged<WALSize>.fromOpaque(context).takeUnretainedValue().pages = Int(pages) }
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
