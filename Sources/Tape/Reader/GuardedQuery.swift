import Dispatch

/// How far a query may go.
public struct QueryLimits: Sendable {
    /// Default 5 s.
    public var timeout: Duration = .seconds(5)
    /// Rows that are given out; the rest is cut off and said so. Default 10 000.
    public var maxRows: Int = 10_000
    /// Bytes of one value. Default 16 MiB.
    public var maxValueBytes: Int = 16 << 20
    /// Bytes of all values together; the rest is cut off and said so. Default 64 MiB.
    public var maxResultBytes: Int = 64 << 20
    /// Bytes that SQLite may put aside for it, to sort for instance. Default 256 MiB.
    public var maxMemoryBytes: Int = 256 << 20

    public init() {}
}

/// A value of SQLite.
public enum TapeValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

public struct QueryResult: Sendable, Equatable {
    public var columns: [String]
    public var rows: [[TapeValue]]
    /// There were more rows than the limits allow.
    public var isTruncated: Bool
}

extension TapeReader {
    /// Answers one SELECT, read-only by construction. Blocks the thread: not for event loops.
    ///
    /// The statement runs on a connection of its own that can only read, see `QueryLimits` for its bounds.
    /// - Throws: `TapeError.invalidSQL`, `.notReadOnly`, `.queryTimedOut` or `.database`.
    public func query(_ sql: String, limits: QueryLimits = QueryLimits()) throws(TapeError) -> QueryResult {
        var result = QueryResult(columns: [], rows: [], isTruncated: false)
        result.isTruncated = try query(sql, limits: limits, columns: { result.columns = $0 }, row: { result.rows.append($0) })
        return result
    }

    /// Answers one SELECT on a thread of its own.
    public func query(_ sql: String, limits: QueryLimits = QueryLimits()) async throws(TapeError) -> QueryResult {
        let outcome: Result<QueryResult, TapeError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: Result { () throws(TapeError) in try self.query(sql, limits: limits) })
            }
        }
        return try outcome.get()
    }

    /// Answers one SELECT row by row as they are found; an error thrown by a closure ends it. Blocks the thread.
    ///
    /// - Returns: whether rows were cut off.
    public func query(
        _ sql: String, limits: QueryLimits = QueryLimits(), columns: ([String]) throws -> Void, row: ([TapeValue]) throws -> Void
    ) throws(TapeError) -> Bool {
        do {
            let (guarded, file) = try guardedConnection()
            // Given back when the statement is gone, which would still be reading the tape.
            defer { giveBack(guarded, of: file) }
            guarded.begin(limits)
            return try Self.answer(sql, on: guarded, limits, columns, row)
        } catch {
            throw TapeError(reading: error)
        }
    }

    private static func answer(
        _ sql: String, on guarded: GuardedConnection, _ limits: QueryLimits, _ columns: ([String]) throws -> Void,
        _ row: ([TapeValue]) throws -> Void
    ) throws -> Bool {
        let statement = try guarded.prepare(sql)
        try columns(statement.columnNames)
        var rows = 0
        var bytes = 0
        while true {
            do throws(SQLiteError) {
                guard try statement.step() else { return false }
            } catch {
                throw guarded.error(error)
            }
            guard rows < limits.maxRows, bytes <= limits.maxResultBytes else { return true }
            rows += 1
            let values = (0..<statement.columnCount).map { statement.value($0) }
            for value in values { bytes += value.byteCount }
            try row(values)
        }
    }
}

extension TapeValue {
    fileprivate var byteCount: Int {
        switch self {
        case .null, .integer, .real: 16
        case .text(let text): 16 + text.utf8.count
        case .blob(let bytes): 16 + bytes.count
        }
    }
}
