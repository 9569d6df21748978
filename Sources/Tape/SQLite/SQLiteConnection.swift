import GRDBSQLite

/// A raw connection, for the paths on which a layer above costs too much or owns what we need (findings: GRDB keeps the authorizer to itself).
///
/// Used by one thread at a time.
final class SQLiteConnection {
    let handle: OpaquePointer
    private var isClosed = false
    /// What a callback set on the handle refers to; lives as long as the handle.
    var callbackContext: AnyObject?

    /// - Parameter vfs: the name of SQLite's way to the file system; nil: the default.
    init(path: String, flags: Int32, vfs: String? = nil) throws(SQLiteError) {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_EXRESCODE, vfs)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: message)
        }
        handle = opened
    }

    deinit { close() }

    /// Closes it, at the latest when the last of its statements is gone; nothing may be asked of it afterwards.
    func close() {
        if !isClosed { sqlite3_close_v2(handle) }
        isClosed = true
    }

    var lastError: SQLiteError {
        SQLiteError(code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)))
    }

    /// Runs one or more statements that answer nothing we want.
    func execute(_ sql: String) throws(SQLiteError) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError }
    }

    func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement { try SQLiteStatement(self, sql) }

    /// The first column of the first row.
    func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() ? statement.integer(0) : nil
    }

    var changes: Int { Int(sqlite3_changes(handle)) }
    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
}
