import Foundation
import GRDB
import NIOConcurrencyHelpers

/// Reads a tape, finished or being written.
///
///     let reader = try TapeReader(path: "tapedeck.tape")
///     let page = try await reader.read { tape in
///         var filter = PacketFilter()
///         filter.session = 2
///         return try tape.packets(filter, after: 0, limit: 100)
///     }
///
/// When the recording goes over to another file at the same path (`TapeOptions.maxTapeBytes`), the reader follows it.
public final class TapeReader: Sendable {
    private struct Opened {
        var database: any DatabaseReader
        var version: Int
        var isImmutable: Bool
        var file: FileIdentity?
        let cache = SummaryCache()
        /// Not in use, for the next queries: what they have read of the tape is still in their memory.
        var guarded: [GuardedConnection] = []
        var isClosed = false
    }

    public let path: String
    private let opened: NIOLockedValueBox<Opened>

    /// A tape of an older version is brought up to date, where that is possible.
    /// - Throws: `TapeError.missing`, `.notATape`, `.newerVersion`, `.olderVersion`, `.damaged` or `.cannotOpen`.
    public init(path: String) throws(TapeError) {
        self.path = path
        opened = NIOLockedValueBox(try Self.open(path))
    }

    private static func open(_ path: String) throws(TapeError) -> Opened {
        do {
            let file = FileIdentity(path: path)
            let readable = try TapeFile.checkForReading(path)
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            configuration.maximumReaderCount = 4
            configuration.label = "tape"
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -\(TapeFile.readingCache)") }
            let database: any DatabaseReader =
                readable.isImmutable
                ? try DatabaseQueue(path: TapeFile.uri(path, isImmutable: true), configuration: configuration)
                : try DatabasePool(path: path, configuration: configuration)
            return Opened(database: database, version: readable.version, isImmutable: readable.isImmutable, file: file)
        } catch let error as DatabaseError where error.meansDamage {
            throw .damaged(path: path, reason: error.message ?? error.resultCode.description)
        } catch {
            throw TapeError(opening: path, error)
        }
    }

    /// The database that is at the path now.
    private func current() throws(TapeError) -> Opened {
        let result = opened.withLockedValue { opened -> Result<Opened, TapeError> in
            guard !opened.isClosed, let file = FileIdentity(path: path), file != opened.file else { return .success(opened) }
            return Result { () throws(TapeError) in
                // Reads that are under way keep the old one until they are through.
                do throws(TapeError) {
                    opened = try Self.open(path)
                } catch .notATape {
                    // It is being made this very moment, or it is none of ours.
                }
                return opened
            }
        }
        return try result.get()
    }

    /// A connection for a stranger's query, which is to be given back.
    func guardedConnection() throws -> (GuardedConnection, FileIdentity?) {
        let file = try current().file
        let kept = opened.withLockedValue { $0.file == file ? $0.guarded.popLast() : nil }
        return (try kept ?? GuardedConnection(path: path, isImmutable: isImmutable), file)
    }

    /// Two are kept: more would be memory for the rare moment.
    func giveBack(_ connection: GuardedConnection, of file: FileIdentity?) {
        opened.withLockedValue { opened in
            if !opened.isClosed, opened.file == file, opened.guarded.count < 2 { opened.guarded.append(connection) }
        }
    }

    var isImmutable: Bool { opened.withLockedValue { $0.isImmutable } }

    /// Reads from one consistent state of the tape. Blocks the thread: not for event loops.
    public func read<Value>(_ body: (TapeSnapshot) throws -> Value) throws(TapeError) -> Value {
        let opened = try current()
        do {
            return try opened.database.read {
                try body(TapeSnapshot(database: $0, path: path, version: opened.version, cache: opened.cache))
            }
        } catch {
            throw TapeError(reading: error)
        }
    }

    /// Reads from one consistent state of the tape, on a thread of its own.
    ///
    /// - Parameter limit: how long it may take; a long read holds on to a state of the tape, and so keeps its WAL from being reused.
    /// - Throws: `TapeError.queryTimedOut` after that, and what `TapeError` says of unreadable tapes.
    public func read<Value: Sendable>(
        within limit: Duration? = nil, _ body: @escaping @Sendable (TapeSnapshot) throws -> Value
    ) async throws(TapeError) -> Value {
        let opened = try current()
        do {
            return try await opened.database.read { [path] database in
                let snapshot = TapeSnapshot(database: database, path: path, version: opened.version, cache: opened.cache)
                guard let limit else { return try body(snapshot) }
                return try ReadDeadline(limit).watching(database) { try body(snapshot) }
            }
        } catch {
            throw TapeError(reading: error)
        }
    }

    /// Ends all reading. The last program that closes a tape takes its WAL away, so close readers before the writer.
    ///
    /// - Throws: `TapeError.database` while a read is under way.
    public func close() throws(TapeError) {
        do {
            try opened.withLockedValue { opened in
                opened.isClosed = true
                opened.guarded = []
                try opened.database.close()
            }
        } catch {
            throw TapeError(reading: error)
        }
    }
}

/// One consistent state of a tape; valid within the closure of `TapeReader.read`.
public struct TapeSnapshot {
    let database: Database
    let path: String
    let version: Int
    let cache: SummaryCache
}

extension DatabaseError {
    fileprivate var meansDamage: Bool { resultCode == .SQLITE_CORRUPT || resultCode == .SQLITE_NOTADB }
}

extension TapeError {
    init(reading error: any Error) {
        switch error {
        case let error as TapeError: self = error
        case let error as DatabaseError where error.meansDamage:
            self = .database("it is damaged: \(error.message ?? error.resultCode.description)")
        case let error as DatabaseError: self = .database(error.message ?? error.resultCode.description)
        case let error as SQLiteError: self = .database(error.description)
        default: self = .database(String(describing: error))
        }
    }
}
