import CTapeGuard
import GRDBSQLite

/// A connection on which a stranger's SQL can do nothing but read, within limits.
///
/// Held by the connection, not by looking at the text: it is opened read-only and defensive, refuses to write (`query_only`), lets
/// its authorizer pass nothing but reading with functions that are known, trusts no function or virtual table in the schema, and
/// stops at a deadline and at a limit of memory. Functions whose time is not linear are replaced or bounded, for SQLite looks at
/// the deadline between two steps only.
///
/// `@unchecked Sendable`: only the query that took it out of its reader's list uses it, and gives it back when it is through.
final class GuardedConnection: @unchecked Sendable {
    private let connection: SQLiteConnection
    private let watch: Watch

    /// What the callbacks look at and leave behind.
    private final class Watch {
        var timeout = Duration.zero
        var deadline = ContinuousClock.now
        var maxMemory: Int64 = 0
        var hasTimedOut = false
        var hasGrown = false
        /// What was refused, "load_extension()".
        var refused: String?

        func begin(_ limits: QueryLimits) {
            timeout = limits.timeout
            deadline = .now + limits.timeout
            // SQLite counts for the whole process; what the others have by now is not this query's.
            maxMemory = sqlite3_memory_used() + Int64(clamping: limits.maxMemoryBytes)
            hasTimedOut = false
            hasGrown = false
            refused = nil
        }

        var mayGoOn: Bool {
            hasTimedOut = ContinuousClock.now >= deadline
            hasGrown = sqlite3_memory_used() > maxMemory
            return !hasTimedOut && !hasGrown
        }
    }

    init(path: String, isImmutable: Bool) throws(SQLiteError) {
        connection = try TapeFile.openForReading(path, isImmutable: isImmutable)
        watch = Watch()
        let handle = connection.handle
        guard tape_guard_configure(handle) == SQLITE_OK, tape_guard_functions(handle) == SQLITE_OK else { throw connection.lastError }
        // What a query puts aside stays in memory, where its limit counts it, and off the disk that the recording needs.
        try connection.execute(
            "PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA temp_store = 2; PRAGMA busy_timeout = 1000; PRAGMA cache_size = -\(TapeFile.readingCache)"
        )
        connection.callbackContext = watch
        for (limit, value) in [
            (SQLITE_LIMIT_SQL_LENGTH, Int32(200_000)), (SQLITE_LIMIT_ATTACHED, 0),
            (SQLITE_LIMIT_WORKER_THREADS, 0), (SQLITE_LIMIT_EXPR_DEPTH, 200), (SQLITE_LIMIT_COMPOUND_SELECT, 100),
            (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200), (SQLITE_LIMIT_VARIABLE_NUMBER, 100), (SQLITE_LIMIT_FUNCTION_ARG, 32),
            (SQLITE_LIMIT_COLUMN, 500),
        ] {
            sqlite3_limit(handle, limit, value)
        }
        let context = Unmanaged.passUnretained(watch).toOpaque()
        sqlite3_set_authorizer(
            handle,
            { context, action, _, second, _, _ in
                if GuardedConnection.allows(action, second) { return SQLITE_OK }
                if let context {
                    let name = action == SQLITE_FUNCTION ? second.map { String(cString: $0) + "()" } : nil
                    Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().refused = name ?? "it does more than read"
                }
                return SQLITE_DENY
            }, context)
        // Often: a step may handle a value of many megabytes.
        sqlite3_progress_handler(
            handle, 50,
            { context in
                guard let context else { return 1 }
                return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().mayGoOn ? 0 : 1
            }, context)
    }

    /// A query begins; what an earlier one left behind is forgotten.
    func begin(_ limits: QueryLimits) {
        watch.begin(limits)
        sqlite3_limit(connection.handle, SQLITE_LIMIT_LENGTH, Int32(clamping: limits.maxValueBytes))
    }

    /// One statement that reads; anything else is refused before it runs.
    func prepare(_ sql: String) throws -> SQLiteStatement {
        // SQLite would read up to it and say nothing of the rest.
        guard !sql.utf8.contains(0) else { throw TapeError.invalidSQL("there is a zero byte in it") }
        var sql = sql
        let outcome = sql.withUTF8 { text -> Result<OpaquePointer, any Error> in
            text.withMemoryRebound(to: CChar.self) { text in
                var found: OpaquePointer?
                var rest = text[...]
                // Comments and empty statements around the one are its author's business.
                while !rest.isEmpty {
                    let part = UnsafeBufferPointer(rebasing: rest)
                    var prepared: OpaquePointer?
                    var tail: UnsafePointer<CChar>?
                    guard
                        sqlite3_prepare_v3(connection.handle, part.baseAddress, Int32(clamping: part.count), 0, &prepared, &tail)
                            == SQLITE_OK
                    else {
                        let error = self.error(connection.lastError)
                        sqlite3_finalize(found)
                        return .failure(error)
                    }
                    if let prepared {
                        guard found == nil else {
                            sqlite3_finalize(found)
                            sqlite3_finalize(prepared)
                            return .failure(TapeError.notReadOnly("there is more than one statement"))
                        }
                        found = prepared
                    }
                    guard let tail, let start = part.baseAddress, tail > start else { break }
                    rest = rest.dropFirst(tail - start)
                }
                guard let found else { return .failure(TapeError.invalidSQL("there is no statement")) }
                guard sqlite3_stmt_readonly(found) != 0 else {
                    sqlite3_finalize(found)
                    return .failure(TapeError.notReadOnly("the statement writes"))
                }
                return .success(found)
            }
        }
        return SQLiteStatement(connection, adopting: try outcome.get())
    }

    /// The error in the words of the one who asked.
    func error(_ error: SQLiteError) -> TapeError {
        switch error.primaryCode {
        case _ where watch.hasTimedOut: .queryTimedOut(milliseconds: Int(watch.timeout / .milliseconds(1)))
        case _ where watch.hasGrown: .invalidSQL("it needs more memory than it may have")
        case _ where watch.refused != nil: .notReadOnly("not authorized: \(watch.refused ?? "")")
        case SQLITE_AUTH, SQLITE_READONLY: .notReadOnly(error.message)
        case SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE: .invalidSQL(error.message)
        default: .database(error.description)
        }
    }

    private static func allows(_ action: Int32, _ name: UnsafePointer<CChar>?) -> Bool {
        switch action {
        case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return true
        case SQLITE_FUNCTION: return name.map { GuardedFunctions.known.contains(String(cString: $0).lowercased()) } ?? false
        default: return false
        }
    }
}
