import Foundation
import GRDBSQLite

/// The file that is being recorded to, on the writer's thread; and the change to another, when it is full, old, gone or damaged.
final class TapeOutput {
    /// What made a new file necessary, for the log and the view `gaps`.
    enum Change: Equatable {
        /// The old file was full or old: it stands complete under this path.
        case rotated(to: String)
        /// Somebody deleted the file, and what this run had written with it.
        case deleted
        /// Somebody moved the file; it is complete, wherever it is now.
        case moved
        /// SQLite found the file damaged: it was put aside to this path.
        case damaged(movedTo: String)
    }

    let path: String
    private var run: TapeRun
    private let options: TapeOptions
    private var lock: TapeLock?
    /// Nil between two files, while the new one cannot be opened.
    private(set) var inserter: TapeInserter?
    /// There as long as `inserter` is.
    private(set) var checkpointer: Checkpointer?
    private var base: TapeInserter.Base
    private(set) var runID: Int64
    /// When the oldest run of the file began.
    private var beganAt: Int64
    private var carried: CarriedRows?
    /// When the run began whose file was deleted.
    private(set) var lostSince: Int64 = 0
    /// What is to be said once the new file is there.
    private var change: Change?

    private var reserve: DiskReserve?
    private var reserveTriedAt: ContinuousClock.Instant?

    /// Rotated tapes that readers kept from becoming one file.
    private var unfinished: [String] = []

    private static let wentOn = "recording went on in another file"

    let firstID: Int64

    /// Opens the tape, or creates it, and begins a run.
    init(path: String, run: TapeRun, options: TapeOptions) throws {
        self.path = path
        self.run = run
        if let upstream = run.upstream { self.run.upstream = Redactor(options.redaction)?.redacted(url: upstream) ?? upstream }
        self.options = options
        let (connection, lock) = try TapeFile.openForRecording(path, options: options)
        do {
            let beginning = try RunRows.begin(self.run, on: connection, now: UnixTime.now())
            base = beginning.base
            firstID = beginning.nextID
            runID = beginning.run
            beganAt = try Self.start(of: connection)
            inserter = try TapeInserter(connection: connection, run: beginning.run, base: beginning.base, redaction: options.redaction)
            checkpointer = try makeCheckpointer()
            self.lock = lock
        } catch {
            lock.unlock()
            throw error
        }
    }

    /// Sees to it that there is a file to write to, before a batch is written.
    ///
    /// - Parameters:
    ///   - nextID: the first id that is not on the tape.
    ///   - packets: how many packets this run has written.
    /// - Returns: what has changed, if something has.
    func prepare(nextID: Int64, packets: Int) throws -> Change? {
        guard let inserter, let lock else { return try open(nextID: nextID) }
        switch lock.place(of: path) {
        case .same: break
        case .deleted:
            carried = try carry(from: inserter)
            lostSince = try inserter.connection.integer("SELECT started_us FROM run WHERE id = \(runID)") ?? 0
            leave()
            change = .deleted
            return try open(nextID: nextID)
        case .moved:
            carried = try carry(from: inserter)
            endCheckpoints()
            try inserter.end(reason: Self.wentOn, isMoved: true)
            leave()
            change = .moved
            return try open(nextID: nextID)
        }
        // It may have ended for a rotation that the disk did not allow.
        if checkpointer == nil { checkpointer = try makeCheckpointer() }
        finishRotated()
        guard packets > 0, try isFull(inserter.connection) || isOld else { return nil }
        // One at a time: a round that is under way would refuse the checkpoint that comes now.
        checkpointer?.waitForRound(within: .seconds(1))
        // Readers that are busy keep the WAL: another time, then. And without new names there is no rotation.
        guard try inserter.checkpoint(), access(folder, W_OK) == 0 else { return nil }
        carried = try carry(from: inserter)
        endCheckpoints()
        try inserter.end(reason: Self.wentOn)
        leave()
        let place = try moveAside(mark: "")
        unfinished.append(place)
        change = .rotated(to: place)
        prune()
        return try open(nextID: nextID)
    }

    /// Sees to it that there is room for a gap's row when the disk is full; asked after each batch.
    func keepReserve() {
        if reserve != nil { return }
        if let reserveTriedAt, .now - reserveTriedAt < .seconds(10) { return }
        reserveTriedAt = .now
        reserve = DiskReserve(beside: path)
    }

    /// Writes down what waits in memory, into the reserve if there is no other room.
    func mark(held gap: TapeGap) throws(SQLiteError) {
        reserve = nil
        guard let inserter else { throw SQLiteError(code: SQLITE_CANTOPEN, message: "there is no file to write to") }
        try inserter.mark(held: gap)
    }

    /// Puts a damaged file aside and goes on in a new one.
    func replaceDamaged(nextID: Int64) throws -> Change? {
        if let inserter { carried = try? carry(from: inserter) }  // what cannot be read cannot be carried
        leave()
        change = .damaged(movedTo: try moveAside(mark: "damaged-"))
        return try open(nextID: nextID)
    }

    /// Ends the run and the recording.
    func end() throws(SQLiteError) {
        finishRotated()
        defer { leave() }
        endCheckpoints()
        guard let inserter else { throw SQLiteError(code: SQLITE_CANTOPEN, message: "there is no file to write to") }
        try inserter.end()
    }

    private func open(nextID: Int64) throws -> Change? {
        guard access(path, F_OK) != 0 else {
            throw TapeError.cannotOpen(path: path, reason: "another file has taken its place")
        }
        let (connection, lock) = try TapeFile.openForRecording(path, options: options)
        do {
            runID = try RunRows.proceed(run, as: runID + 1, firstID: nextID, carrying: carried, on: connection, now: UnixTime.now())
            beganAt = UnixTime.now()
            checkpointer = try makeCheckpointer()
            inserter = try TapeInserter(connection: connection, run: runID, base: base, redaction: options.redaction)
            self.lock = lock
            carried = nil
            defer { change = nil }
            return change
        } catch {
            checkpointer?.close()
            checkpointer = nil
            lock.unlock()
            // A file that this very call has made, and nobody else has seen.
            try FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    /// Closes the file, whose last connection takes the WAL with it.
    private func leave() {
        endCheckpoints()
        inserter = nil
        lock?.unlock()
        lock = nil
    }

    private func makeCheckpointer() throws(SQLiteError) -> Checkpointer {
        try Checkpointer(path: path, bounds: options.checkpoints ?? .init(maxTapeBytes: options.maxTapeBytes), vfs: options.vfs)
    }

    /// Before a file is finished: as long as another connection is open it cannot be.
    private func endCheckpoints() {
        checkpointer?.close()
        checkpointer = nil
    }

    private func carry(from inserter: TapeInserter) throws(SQLiteError) -> CarriedRows {
        let host = try inserter.connection.prepare("SELECT host FROM run WHERE id = \(runID)")
        if try host.step() { run.host = host.text(0) }
        return try CarriedRows(from: inserter.connection)
    }

    // MARK: Rotation

    /// Takes the WALs away that were left beside rotated tapes; those that are still read have to wait.
    private func finishRotated() {
        unfinished.removeAll { place in
            do throws(SQLiteError) {
                let connection = try SQLiteConnection(path: place, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX)
                try connection.execute("PRAGMA journal_mode = DELETE")
                return true
            } catch {
                return error.primaryCode != SQLITE_BUSY
            }
        }
    }

    private func isFull(_ connection: SQLiteConnection) throws -> Bool {
        guard let limit = options.maxTapeBytes else { return false }
        let pages = try connection.integer("PRAGMA page_count") ?? 0
        let size = try connection.integer("PRAGMA page_size") ?? 4096
        // A batch more, and it would be over.
        return pages * size >= Int64(limit) / 10 * 9
    }

    private var isOld: Bool {
        guard let limit = options.maxTapeAge else { return false }
        return Double(UnixTime.now() - beganAt) / 1_000_000 >= limit / .seconds(1)
    }

    private static func start(of connection: SQLiteConnection) throws -> Int64 {
        try connection.integer("SELECT min(started_us) FROM run") ?? UnixTime.now()
    }

    /// `app.tape` becomes `app-20261123T081500.123456Z.tape`.
    private func moveAside(mark: String) throws -> String {
        let (stem, suffix) = nameParts
        let now = UnixTime.text(UnixTime.now()).filter { $0 != "-" && $0 != ":" }
        var place = "\(stem)-\(mark)\(now)\(suffix)"
        var number = 2
        while access(place, F_OK) == 0 {
            place = "\(stem)-\(mark)\(now)-\(number)\(suffix)"
            number += 1
        }
        // The WAL first: alone it means nothing, and the file must not meet a WAL that is not its own.
        for part in ["-wal", "-shm", ""] where access(path + part, F_OK) == 0 {
            guard rename(path + part, place + part) == 0 else {
                throw TapeError.cannotOpen(path: path, reason: String(cString: strerror(errno)))
            }
        }
        return place
    }

    private var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

    private var nameParts: (stem: String, suffix: String) {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return (path, "") }
        let suffix = name[dot...]
        return (String(path.dropLast(suffix.count)), String(suffix))
    }

    /// Deletes the oldest rotated tapes, if only so many are to be kept.
    private func prune() {
        guard let keep = options.keptTapes else { return }
        let (stem, suffix) = nameParts
        let prefix = (stem.split(separator: "/").last ?? "") + "-"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []  // unreadable: nothing is deleted
        let rotated = names.filter { name in
            name.hasPrefix(prefix) && name.hasSuffix(suffix)
                && name.dropFirst(prefix.count).dropLast(suffix.count).wholeMatch(of: /\d{8}T\d{6}\.\d{6}Z(-\d+)?/) != nil
        }
        for name in rotated.sorted().dropLast(keep) { unlink(folder + "/" + name) }
    }
}
