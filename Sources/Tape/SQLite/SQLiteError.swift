import GRDBSQLite

/// What SQLite answered instead of doing it.
struct SQLiteError: Error, CustomStringConvertible {
    /// The extended result code.
    let code: Int32
    let message: String

    var primaryCode: Int32 { code & 0xff }

    var description: String { "\(message) (SQLite \(code))" }

    /// The disk is full, or refuses writes in another way.
    var meansNoRoom: Bool { primaryCode == SQLITE_FULL || primaryCode == SQLITE_IOERR }

    /// The file is not what SQLite left there.
    var meansDamage: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }

    /// The row itself is at fault; the next one may be written.
    var concernsOneRowOnly: Bool {
        switch primaryCode {
        case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE: true
        default: false
        }
    }
}
