import Foundation
import GRDB

/// Reads a tape, finished or being written.
///
///     let reader = try TapeReader(path: "tapedeck.tape")
///     let page = try await reader.read { tape in
///         var filter = PacketFilter()
///         filter.session = 2
///         return try tape.packets(filter, after: 0, limit: 100)
///     }
public final class TapeReader: Sendable {
    public let path: String
    let isImmutable: Bool
    private let database: any DatabaseReader
    private let version: Int

    /// - Throws: `TapeError.missing`, `.notATape`, `.newerVersion`, `.olderVersion` or `.cannotOpen`.
    public init(path: String) throws(TapeError) {
        do {
            let readable = try TapeFile.checkForReading(path)
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            configuration.maximumReaderCount = 4
            configuration.label = "tape"
            self.path = path
            version = readable.version
            isImmutable = readable.isImmutable
            if readable.isImmutable {
                database = try DatabaseQueue(path: TapeFile.uri(path, isImmutable: true), configuration: configuration)
            } else {
                database = try DatabasePool(path: path, configuration: configuration)
            }
        } catch {
            throw TapeError(opening: path, error)
        }
    }

    /// Reads from one consistent state of the tape. Blocks the thread: not for event loops.
    public func read<Value>(_ body: (TapeSnapshot) throws -> Value) throws(TapeError) -> Value {
        do {
            return try database.read { try body(self.snapshot($0)) }
        } catch {
            throw TapeError(reading: error)
        }
    }

    /// Reads from one consistent state of the tape, on a thread of its own.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (TapeSnapshot) throws -> Value) async throws(TapeError) -> Value {
        do {
            return try await database.read { try body(self.snapshot($0)) }
        } catch {
            throw TapeError(reading: error)
        }
    }

    /// Ends all reading. The last program that closes a tape takes its WAL away, so close readers before the writer.
    ///
    /// - Throws: `TapeError.database` while a read is under way.
    public func close() throws(TapeError) {
        do {
            try database.close()
        } catch {
            throw TapeError(reading: error)
        }
    }

    private func snapshot(_ database: Database) -> TapeSnapshot {
        TapeSnapshot(database: database, path: path, version: version)
    }
}

/// One consistent state of a tape; valid within the closure of `TapeReader.read`.
public struct TapeSnapshot {
    let database: Database
    let path: String
    let version: Int
}

extension TapeError {
    init(reading error: any Error) {
        switch error {
        case let error as TapeError: self = error
        case let error as DatabaseError: self = .database(error.message ?? error.resultCode.description)
        case let error as SQLiteError: self = .database(error.description)
        default: self = .database(String(describing: error))
        }
    }
}
