import GRDBSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Opening a file as a tape: what it has to be, and what is said when it is not.
enum TapeFile {
    /// KiB of pages that a connection for reading keeps: what a question to a long tape needs of indexes and scattered rows.
    static let readingCache = 16_000

    /// How a tape can be read.
    struct Readable {
        /// Nobody can change the file; SQLite is told so, since it could not take its locks.
        let isImmutable: Bool
        /// The last migration.
        let version: Int
    }

    /// A connection that may write to a tape, brought up to the present version, or to a new one; and the lock against a second.
    static func openForRecording(_ path: String, options: TapeOptions) throws -> (SQLiteConnection, TapeLock) {
        let connection = try SQLiteConnection(
            path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs: options.vfs)
        try connection.execute("PRAGMA busy_timeout = 5000")
        if let version = try version(of: connection, path: path), version > TapeMigrations.latest {
            throw TapeError.newerVersion(path: path, version: version, supported: TapeMigrations.latest)
        }
        guard let lock = TapeLock(path: path) else { throw TapeError.locked(path: path) }
        do {
            try connection.execute("PRAGMA journal_mode = WAL")
            try connection.execute("PRAGMA synchronous = \(options.durability == .full ? "FULL" : "NORMAL")")
            // Checkpoints sync the disk: the writer leaves them to a `Checkpointer`.
            try connection.execute(
                "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000; PRAGMA secure_delete = OFF"
            )
            try TapeMigrations.apply(to: connection)
            // From here on a batch that meets a lock is tried again by the writer.
            try connection.execute("PRAGMA busy_timeout = 250")
            return (connection, lock)
        } catch {
            lock.unlock()
            throw error
        }
    }

    /// Looks at a file that is to be read.
    static func checkForReading(_ path: String) throws -> Readable {
        guard access(path, F_OK) == 0 else { throw TapeError.missing(path: path) }
        guard access(path, R_OK) == 0 else { throw TapeError.cannotOpen(path: path, reason: "permission denied") }
        do {
            do {
                return Readable(isImmutable: false, version: try readableVersion(path, isImmutable: false))
            } catch TapeError.olderVersion(let path, let version, let supported) {
                guard try bringUpToDate(path) else { throw TapeError.olderVersion(path: path, version: version, supported: supported) }
                return Readable(isImmutable: false, version: supported)
            }
        } catch let error as SQLiteError where error.primaryCode == SQLITE_CANTOPEN || error.primaryCode == SQLITE_READONLY {
            // A tape left in WAL mode, in a folder that cannot be written to. With a WAL beside it we would miss its content.
            guard access(path + "-wal", F_OK) != 0 else { throw error }
            return Readable(isImmutable: true, version: try readableVersion(path, isImmutable: true))
        }
    }

    /// Applies the migrations that a tape lacks; false where it cannot be written to, or is being recorded to by an older program.
    private static func bringUpToDate(_ path: String) throws -> Bool {
        guard access(path, W_OK) == 0, let lock = TapeLock(path: path) else { return false }
        defer { lock.unlock() }
        do {
            let connection = try SQLiteConnection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX)
            try connection.execute("PRAGMA busy_timeout = 5000")
            try TapeMigrations.apply(to: connection)
            return true
        } catch  where [SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_BUSY].contains(error.primaryCode) {
            return false
        }
    }

    /// A raw connection that only reads.
    static func openForReading(_ path: String, isImmutable: Bool) throws(SQLiteError) -> SQLiteConnection {
        let connection = try SQLiteConnection(
            path: uri(path, isImmutable: isImmutable), flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX)
        try connection.execute("PRAGMA busy_timeout = 5000")
        return connection
    }

    static func uri(_ path: String, isImmutable: Bool) -> String {
        var uri = Array("file:".utf8)
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"): uri += "%\(String(byte, radix: 16))".utf8
            default: uri.append(byte)
            }
        }
        return String(decoding: uri, as: UTF8.self) + (isImmutable ? "?immutable=1" : "")
    }

    private static func readableVersion(_ path: String, isImmutable: Bool) throws -> Int {
        let connection = try openForReading(path, isImmutable: isImmutable)
        guard let version = try version(of: connection, path: path) else { throw TapeError.notATape(path: path) }
        if version > TapeMigrations.latest {
            throw TapeError.newerVersion(path: path, version: version, supported: TapeMigrations.latest)
        }
        if version < TapeMigrations.latest {
            throw TapeError.olderVersion(path: path, version: version, supported: TapeMigrations.latest)
        }
        return version
    }

    /// Nil for a database with nothing in it, as a new file is; throws for what is not a tape.
    private static func version(of connection: SQLiteConnection, path: String) throws -> Int? {
        do {
            let applicationID = try connection.integer("PRAGMA application_id") ?? 0
            if applicationID == TapeMigrations.applicationID {
                return Int(try connection.integer("PRAGMA user_version") ?? 0)
            }
            let objects = try connection.integer("SELECT count(*) FROM sqlite_master") ?? 0
            guard applicationID == 0, objects == 0 else { throw TapeError.notATape(path: path) }
            return nil
        } catch let error as SQLiteError where error.primaryCode == SQLITE_NOTADB {
            throw TapeError.notATape(path: path)
        }
    }
}

extension TapeError {
    /// Any error met while a tape is opened, in the words for people.
    init(opening path: String, _ error: any Error) {
        switch error {
        case let error as TapeError: self = error
        case let error as SQLiteError where error.primaryCode == SQLITE_BUSY || error.primaryCode == SQLITE_LOCKED:
            self = .locked(path: path)
        case let error as SQLiteError where error.meansDamage: self = .damaged(path: path, reason: error.description)
        case let error as SQLiteError: self = .cannotOpen(path: path, reason: error.description)
        default: self = .cannotOpen(path: path, reason: String(describing: error))
        }
    }
}
