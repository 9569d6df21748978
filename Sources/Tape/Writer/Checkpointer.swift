import Foundation
import GRDBSQLite
import NIOConcurrencyHelpers

/// Moves the WAL's content into the tape, on a thread and a connection of its own: whoever waits for the disk is not the writer.
///
/// A round begins when the WAL has grown by so many pages. SQLite lets the writer begin the WAL anew only when all of it has been
/// moved, so a round that was overtaken by a batch is followed by another, right after a batch, while the writer rests.
final class Checkpointer: Sendable {
    struct Bounds {
        /// Pages that make a round worth its syncs.
        var begin: Int
        /// Pages at which the writer waits for a round.
        var wait: Int

        /// The WAL counts to the size of a tape too, so a small tape has a small one.
        init(maxTapeBytes: Int?) {
            begin = max(100, min(4000, (maxTapeBytes ?? .max) / 4096 / 8))
            wait = begin * 16
        }

        init(begin: Int, wait: Int) {
            self.begin = begin
            self.wait = wait
        }
    }

    private struct State {
        /// In the WAL, as the last commit left it.
        var pages = 0
        var commits = 0
        /// Pages at which the next round begins.
        var next: Int
        /// Rounds in a row that batches have overtaken.
        var overtaken = 0
        var started = 0
        var finished = 0
        /// Commits before the last round began, and the pages that it moved.
        var seen = 0
        var moved = 0
        /// Pages at which the writer would make a pause for a round that has little left to do.
        var pause: Int
        /// The round that the writer waits for.
        var awaited = 0
        /// Pages at which the writer would wait.
        var patience: Int
        var isClosing = false
        var hasEnded = false

        var isWanted: Bool { pages >= next || awaited > finished }
    }

    private let bounds: Bounds
    private let state: NIOLockedValueBox<State>
    private let bell = Bell()
    private let roundEnded = Bell()

    init(path: String, bounds: Bounds, vfs: String? = nil) throws(SQLiteError) {
        let connection = try SQLiteConnection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs: vfs)
        // The WAL is synced before the file is written, and the file before the WAL begins anew: a power cut damages nothing.
        try connection.execute("PRAGMA busy_timeout = 250; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")
        // A connection that has not read does not know yet that there is a WAL.
        _ = try connection.integer("SELECT count(*) FROM sqlite_master")
        self.bounds = bounds
        state = NIOLockedValueBox(State(next: bounds.begin, pause: 2 * bounds.begin, patience: bounds.wait))
        start(with: connection)
    }

    private func start(with connection: sending SQLiteConnection) {
        // Handed over once, before the thread exists; from then on only that thread uses it.
        nonisolated(unsafe) let connection = connection
        let thread = Thread { self.run(connection) }
        thread.name = "checkpoints"
        thread.start()
    }

    /// A batch has been committed, and the WAL has so many pages now.
    func committed(pages: Int) {
        let isWanted = state.withLockedValue { state in
            if pages < state.pages {
                // It has begun anew.
                state.next = bounds.begin
                state.overtaken = 0
                state.pause = 2 * bounds.begin
                state.patience = bounds.wait
                state.moved = 0
            }
            state.pages = pages
            state.commits += 1
            return state.isWanted
        }
        if isWanted { bell.ring() }
    }

    /// The WAL is so large that the writer should wait for a round.
    var isOverdue: Bool { state.withLockedValue { $0.pages >= $0.patience } }

    /// Batches follow each other so closely that rounds never get to the end, and a short wait would let one: little is left.
    var needsPause: Bool {
        state.withLockedValue { $0.overtaken > 0 && $0.pages >= $0.pause && $0.pages - $0.moved < 2 * bounds.begin }
    }

    var walPages: Int { state.withLockedValue { $0.pages } }

    /// Waits for a round that begins now, while the caller commits nothing. When the WAL stays all the same, because somebody
    /// reads it or the disk refuses, the next wait is due only when it has grown again.
    func waitForRound(within limit: Duration) {
        let deadline = ContinuousClock.now + limit
        let round = state.withLockedValue { state in
            // One that began after the last batch does it too.
            state.awaited = state.started > state.finished && state.seen == state.commits ? state.started : state.started + 1
            state.pause = state.pages + bounds.begin
            state.patience = state.pages + bounds.wait
            return state.awaited
        }
        bell.ring()
        while state.withLockedValue({ $0.finished < round && !$0.hasEnded }), .now < deadline {
            roundEnded.wait(for: .milliseconds(20))
        }
    }

    /// Closes the connection; waits for a round that is under way.
    func close() {
        state.withLockedValue { $0.isClosing = true }
        bell.ring()
        while !state.withLockedValue({ $0.hasEnded }) { roundEnded.wait(for: .milliseconds(20)) }
    }

    // MARK: On the thread

    private func run(_ connection: SQLiteConnection) {
        while true {
            let (isClosing, isWanted) = state.withLockedValue { ($0.isClosing, $0.isWanted) }
            if isClosing { break }
            if isWanted { round(connection) } else { bell.wait(for: nil) }
        }
        connection.close()
        state.withLockedValue { $0.hasEnded = true }
        roundEnded.ring()
    }

    private func round(_ connection: SQLiteConnection) {
        let commits = state.withLockedValue { state in
            state.started += 1
            state.seen = state.commits
            return state.commits
        }
        let (isComplete, moved) = connection.moveWAL()
        state.withLockedValue { state in
            state.finished += 1
            state.moved = moved
            if isComplete, state.commits != commits, state.overtaken < 8 {
                // The next batch makes it grow.
                state.overtaken += 1
                state.next = state.pages + 1
            } else {
                // The next batch begins it anew; or readers hold it, the disk refuses or is too slow: not before there is more.
                state.overtaken = 0
                state.next = state.pages + bounds.begin
            }
        }
        roundEnded.ring()
    }
}

extension SQLiteConnection {
    /// Moves what nobody holds from the WAL into the file, and waits for nobody: whether that was all of it, and how many pages are there now.
    fileprivate func moveWAL() -> (isComplete: Bool, moved: Int) {
        var pages: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved)
        return (code == SQLITE_OK && moved == pages, max(0, Int(moved)))
    }
}
