import GRDBSQLite
import NIOCore

/// Turns records into rows, on the writer's thread: one `begin`, many `insert`, one `commit`.
///
/// What it keeps in memory between records are caches; `rollback` empties them, since rows they speak of may be gone.
final class TapeInserter {
    let connection: SQLiteConnection
    let run: Int64
    /// What the numbers of this run are moved by.
    let base: Base
    let statements: TapeStatements
    var namespaces: NameDictionary
    var events: NameDictionary
    var rooms: NameDictionary
    var lists: ReceiverLists
    var acks = AckBatch()
    var eventBlocks = EventBlocks()
    var sessions = SessionCounts()
    var broadcasts: [Int64: BroadcastSummary] = [:]
    let redactor: Redactor?
    /// The row that says what waits in memory; it goes when that is written.
    private var heldGap: Int64?
    private var lastGap: (id: Int64, gap: TapeGap)?
    private let wal: WALSize
    /// All that was inserted has a lower id.
    private(set) var nextID: Int64 = 0
    /// The latest time seen; an ended run is not shorter than what it holds.
    var latest: Int64 = 0
    private var order = TimeOrder()

    struct Base {
        var connection: Int64
        var session: Int64
        var broadcast: Int64
    }

    /// What a delivery has to know of its broadcast.
    struct BroadcastSummary {
        var event: Int64?
        var ackID: Int64?
        var bytes: Int64
    }

    init(connection: SQLiteConnection, run: Int64, base: Base, redaction: Redaction = .nothing) throws(SQLiteError) {
        self.connection = connection
        self.run = run
        self.base = base
        redactor = Redactor(redaction)
        wal = WALSize(of: connection)
        statements = try TapeStatements(connection)
        namespaces = try NameDictionary(connection, table: "namespace")
        events = try NameDictionary(connection, table: "event_name")
        rooms = try NameDictionary(connection, table: "room", scope: "namespace_id")
        lists = ReceiverLists(nextID: (try connection.integer("SELECT max(list_id) FROM receiver") ?? 0) + 1)
    }

    func begin() throws(SQLiteError) { try connection.execute("BEGIN IMMEDIATE") }

    func commit() throws(SQLiteError) {
        try writeAcks()
        try writeEventBlocks()
        try storeDueCounts()
        if let disorder = order.unstored { try connection.execute("UPDATE run SET disorder_us = \(disorder) WHERE id = \(run)") }
        if let heldGap { try connection.execute("DELETE FROM gap WHERE id = \(heldGap)") }
        try connection.execute("COMMIT")
        heldGap = nil
        order.didCommit()
        acks.removeAll()
        eventBlocks.removeAll()
    }

    /// Writes down, alone, what could not be written and may be lost: a small transaction has room where a batch has none.
    func mark(held gap: TapeGap) throws(SQLiteError) {
        try begin()
        do throws(SQLiteError) {
            let statement = heldGap == nil ? statements.insertGap : statements.replaceGap
            statement.bind(1, heldGap ?? run)
            statement.bind(2, gap.from)
            statement.bind(3, gap.to)
            statement.bind(4, Int64(gap.packets))
            statement.bind(5, gap.reason)
            try statement.run()
            let id = connection.lastInsertedID
            try connection.execute("COMMIT")
            if heldGap == nil { heldGap = id }
        } catch {
            if connection.isInTransaction { try connection.execute("ROLLBACK") }
            throw error
        }
    }

    func rollback() throws(SQLiteError) {
        order.didRollBack()
        acks.removeAll()
        eventBlocks.removeAll()
        namespaces.forget()
        events.forget()
        rooms.forget()
        lists.forget()
        sessions.forget()
        broadcasts.removeAll(keepingCapacity: true)
        lastGap = nil
        // Some errors have rolled back already.
        if connection.isInTransaction { try connection.execute("ROLLBACK") }
    }

    /// Pages in the WAL after the last commit.
    var walPages: Int { wal.pages }

    /// - Returns: how many packets the record stands for.
    func insert(_ record: TapeRecord, id: Int64) throws(SQLiteError) -> Int {
        let at = record.at
        if at > latest { latest = at }
        order.note(at)
        nextID = id + record.idCount
        switch record.kind {
        case .packet(let packet):
            try insert(packet, id: id, at: at)
            return 1
        case .broadcast(let broadcast): try insert(broadcast, at: at)
        case .delivery(let broadcast, let receivers):
            try insertDelivery(of: broadcast, to: receivers, id: id, at: at)
            return receivers.count
        case .enginePacket(let packet):
            try insert(packet, id: id, at: at)
            return 1
        case .connectionOpened(let connection): try open(redactor?.redacted(connection) ?? connection, at: at)
        case .connectionUpgraded(let connection, let transport):
            let statement = statements.upgradeConnection
            statement.bind(1, rowID(connection: connection))
            statement.bind(2, transport)
            statement.bind(3, at)
            try statement.run()
        case .connectionClosed(let connection, let reason, let detail, let bytesIn, let bytesOut):
            let statement = statements.closeConnection
            statement.bind(1, rowID(connection: connection))
            statement.bind(2, at)
            statement.bind(3, reason)
            statement.bind(4, detail.map { redactor?.redacted(text: $0) ?? $0 })
            statement.bind(5, Int64(clamping: bytesIn))
            statement.bind(6, Int64(clamping: bytesOut))
            try statement.run()
        case .sessionConnected(let session): try connect(session, at: at)
        case .sessionDisconnected(let session, let reason): try disconnect(session, reason: reason, at: at)
        case .ackTimedOut(let session, let ackID): try timeOutAck(session: session, ackID: ackID)
        case .roomChange(let change): try insert(change, id: id, at: at)
        case .dropped(let drop): try insert(drop, id: id, at: at)
        case .marker(let name): try insertMarker(name, id: id, at: at)
        case .listening(let host):
            let statement = statements.setHost
            statement.bind(1, run)
            statement.bind(2, host)
            try statement.run()
        case .lost(let packets, let reason):
            try insert(TapeGap(from: at, to: at, packets: packets, reason: reason))
        }
        return 0
    }

    func insert(_ gap: TapeGap) throws(SQLiteError) {
        // A loss that goes on is one gap, not one per batch.
        if let (id, last) = lastGap, last.reason == gap.reason, gap.from - last.to < 1_000_000 {
            let statement = statements.extendGap
            statement.bind(1, id)
            statement.bind(2, gap.from)
            statement.bind(3, gap.to)
            statement.bind(4, Int64(gap.packets))
            try statement.run()
            lastGap = (id, TapeGap(from: min(last.from, gap.from), to: max(last.to, gap.to), packets: 0, reason: gap.reason))
            return
        }
        let statement = statements.insertGap
        statement.bind(1, run)
        statement.bind(2, gap.from)
        statement.bind(3, gap.to)
        statement.bind(4, Int64(gap.packets))
        statement.bind(5, gap.reason)
        try statement.run()
        lastGap = (connection.lastInsertedID, gap)
    }

    func rowID(connection: UInt64) -> Int64 { base.connection &+ Int64(clamping: connection) }
    func rowID(session: UInt64) -> Int64 { base.session &+ Int64(clamping: session) }
    func rowID(broadcast: UInt64) -> Int64 { base.broadcast &+ Int64(clamping: broadcast) }
}

/// Packets that are missing on the tape.
struct TapeGap: Equatable {
    var from: Int64
    var to: Int64
    var packets: Int
    var reason: String
}

extension TapeInserter {
    /// Ends the run and leaves the tape as one file.
    func end(reason: String = "recording ended", isMoved: Bool = false) throws(SQLiteError) {
        try begin()
        do throws(SQLiteError) {
            try storeAllCounts()
            try RunRows.end(run, on: connection, at: max(UnixTime.now(), latest), reason: reason)
            try connection.execute("COMMIT")
        } catch {
            try rollback()
            throw error
        }
        if isMoved {
            // SQLite looks for the file under its old name when it changes the mode; the WAL goes with the last connection.
            _ = try checkpoint()
        } else {
            try finishFile()
        }
    }

    /// Moves the WAL's content into the file; false while readers hold it.
    func checkpoint() throws(SQLiteError) -> Bool {
        try connection.integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }

    private func finishFile() throws(SQLiteError) {
        // Both are refused while others read the tape, or when the disk is full; it is complete without them, only with a WAL beside it.
        for pragma in ["PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA busy_timeout = 200; PRAGMA journal_mode = DELETE"] {
            do throws(SQLiteError) {
                try connection.execute(pragma)
            } catch  where [SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL].contains(error.primaryCode) {
                return
            }
        }
    }
}
