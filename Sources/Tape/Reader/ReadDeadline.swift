import GRDB
import GRDBSQLite

/// Ends a read that takes too long: SQLite asks it every few thousand steps.
final class ReadDeadline {
    private let instant: ContinuousClock.Instant
    private let limit: Duration
    private var hasPassed = false

    init(_ limit: Duration) {
        self.limit = limit
        instant = .now + limit
    }

    /// Runs `body` on a connection that this deadline watches.
    func watching<Value>(_ database: Database, _ body: () throws -> Value) throws -> Value {
        let handle = database.sqliteConnection
        sqlite3_progress_handler(
            handle, 5000,
            { context in
                guard let context else { return 1 }
                let deadline = Unmanaged<ReadDeadline>.fromOpaque(context).takeUnretainedValue()
                deadline.hasPassed = ContinuousClock.now >= deadline.instant
                return deadline.hasPassed ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
        defer { sqlite3_progress_handler(handle, 0, nil, nil) }
        do {
            return try body()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT && hasPassed {
            throw TapeError.queryTimedOut(milliseconds: Int(limit / .milliseconds(1)))
        }
    }
}
