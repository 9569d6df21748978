import GRDBSQLite
import NIOCore

/// A prepared statement with typed binds. Indexes of parameters count from 1, of columns from 0, as in SQLite.
final class SQLiteStatement {
    private let connection: SQLiteConnection
    let handle: OpaquePointer

    init(_ connection: SQLiteConnection, _ sql: String) throws(SQLiteError) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared else { throw connection.lastError }
        self.connection = connection
        handle = prepared
    }

    /// Takes over a statement that was prepared elsewhere.
    init(_ connection: SQLiteConnection, adopting handle: OpaquePointer) {
        self.connection = connection
        self.handle = handle
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }
    func bind(_ index: Int32, _ value: Int64?) {
        if let value { sqlite3_bind_int64(handle, index, value) } else { sqlite3_bind_null(handle, index) }
    }
    func bind(_ index: Int32, _ value: Double?) {
        if let value { sqlite3_bind_double(handle, index, value) } else { sqlite3_bind_null(handle, index) }
    }
    /// Copies the text.
    func bind(_ index: Int32, _ value: String?) {
        guard var value else {
            sqlite3_bind_null(handle, index)
            return
        }
        value.withUTF8 { bytes in
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            // An empty string may have no address, which SQLite takes for null.
            if let start = bytes.baseAddress {
                sqlite3_bind_text64(handle, index, start, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
            } else {
                sqlite3_bind_text(handle, index, "", 0, transient)
            }
        }
    }

    /// Copies what it has to.
    func bind(_ index: Int32, _ value: TapeValue) {
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: sqlite3_bind_null(handle, index)
        case .integer(let value): sqlite3_bind_int64(handle, index, value)
        case .real(let value): sqlite3_bind_double(handle, index, value)
        case .text(let value): bind(index, value as String?)
        case .blob(let bytes) where bytes.isEmpty: sqlite3_bind_zeroblob(handle, index, 0)
        case .blob(let bytes): sqlite3_bind_blob64(handle, index, bytes, UInt64(bytes.count), transient)
        }
    }

    /// Runs the statement with the buffer's bytes as the text at `index`, without copying them.
    func run(text buffer: ByteBuffer?, at index: Int32) throws(SQLiteError) {
        guard let buffer else {
            sqlite3_bind_null(handle, index)
            return try run()
        }
        try run(buffer, at: index) { start, count in
            sqlite3_bind_text64(handle, index, start.assumingMemoryBound(to: CChar.self), UInt64(count), nil, UInt8(SQLITE_UTF8))
        }
    }

    /// Runs the statement with the buffer's bytes as the blob at `index`, without copying them.
    func run(blob buffer: ByteBuffer, at index: Int32) throws(SQLiteError) {
        try run(buffer, at: index) { start, count in
            sqlite3_bind_blob64(handle, index, start, UInt64(count), nil)
        }
    }

    private func run(_ buffer: ByteBuffer, at index: Int32, bind: (UnsafeRawPointer, Int) -> Int32) throws(SQLiteError) {
        let outcome: Result<Void, SQLiteError> = buffer.withUnsafeReadableBytes { bytes in
            // The buffer outlives the step, so SQLite may read it in place (SQLITE_STATIC).
            let nothing: StaticString = ""
            let start = bytes.count > 0 ? bytes.baseAddress : UnsafeRawPointer(nothing.utf8Start)
            guard let start, bind(start, bytes.count) == SQLITE_OK else {
                let error = connection.lastError
                sqlite3_bind_null(handle, index)
                return .failure(error)
            }
            defer { sqlite3_bind_null(handle, index) }
            return Result { () throws(SQLiteError) in try run() }
        }
        try outcome.get()
    }

    /// Runs to the end and makes the statement ready for the next binds.
    func run() throws(SQLiteError) {
        var code: Int32
        repeat { code = sqlite3_step(handle) } while code == SQLITE_ROW
        guard code == SQLITE_DONE else {
            let error = connection.lastError
            sqlite3_reset(handle)
            throw error
        }
        sqlite3_reset(handle)
    }

    /// One more row? After false, or when done early, call `reset`.
    func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let error = connection.lastError
            sqlite3_reset(handle)
            throw error
        }
    }

    func reset() { sqlite3_reset(handle) }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    var columnCount: Int32 { sqlite3_column_count(handle) }

    func text(_ column: Int32) -> String? {
        // Bytes and length rather than a C string: text may hold a zero byte.
        guard !isNull(column), let start = sqlite3_column_text(handle, column) else { return nil }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))), as: UTF8.self)
    }

    var columnNames: [String] {
        (0..<columnCount).map { sqlite3_column_name(handle, $0).map { String(cString: $0) } ?? "" }
    }

    func value(_ column: Int32) -> TapeValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
        case SQLITE_TEXT: return .text(text(column) ?? "")
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(handle, column) else { return .blob([]) }
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))))
        default: return .null
        }
    }
}
