import Atomics
import Foundation
import GRDBSQLite
import Logging
import NIOConcurrencyHelpers

/// The writer's own thread: takes the queues, writes a batch, keeps it when the disk refuses it, and tries again.
final class TapeWriterThread: Sendable {
    private struct State {
        var status = TapeStatus(state: .recording, packets: 0, lost: 0, queued: 0, lastError: nil)
        var isClosing = false
        var outcome: TapeError??
        var waiting: [CheckedContinuation<TapeError?, Never>] = []
    }

    private let path: String
    private let queues: RecordQueues
    private let bell: Bell
    private let lock: TapeLock
    private let options: TapeOptions
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let committed: ManagedAtomic<Int64>

    init(path: String, queues: RecordQueues, bell: Bell, lock: TapeLock, options: TapeOptions, logger: Logger, firstID: Int64) {
        self.path = path
        self.queues = queues
        self.bell = bell
        self.lock = lock
        self.options = options
        self.logger = logger
        committed = ManagedAtomic(firstID - 1)
    }

    func start(with inserter: sending TapeInserter) {
        // Handed over once, before the thread exists; from then on only that thread uses it.
        nonisolated(unsafe) let inserter = inserter
        let thread = Thread { self.run(inserter) }
        thread.name = "tape"
        thread.start()
    }

    var status: TapeStatus {
        var status = state.withLockedValue { $0.status }
        status.queued += queues.recordCount
        return status
    }

    var committedID: Int64 { committed.load(ordering: .acquiring) }

    func close() async -> TapeError? {
        state.withLockedValue { $0.isClosing = true }
        bell.ring()
        return await withCheckedContinuation { continuation in
            let outcome = state.withLockedValue { state -> TapeError?? in
                if state.outcome == nil { state.waiting.append(continuation) }
                return state.outcome
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }

    // MARK: On the thread

    private func run(_ inserter: TapeInserter) {
        var batch = TapeBatch()
        var isWaitingToRetry = false
        var closeDeadline: ContinuousClock.Instant?
        while true {
            let wasClosing = state.withLockedValue { $0.isClosing }
            if wasClosing, closeDeadline == nil { closeDeadline = .now + options.closeTimeout }
            if !batch.hasFailed { batch.take(from: queues) }
            if !batch.isEmpty {
                isWaitingToRetry = !write(&batch, with: inserter)
            }
            if wasClosing {
                // What was appended before `close` was taken above, unless a failed batch is in the way.
                if !isWaitingToRetry, batch.isEmpty, queues.recordCount == 0 { return finish(inserter, unwritten: batch) }
                if let closeDeadline, .now > closeDeadline { return finish(inserter, unwritten: batch) }
            }
            wait(isRetrying: isWaitingToRetry, isClosing: wasClosing, hasMore: !batch.isEmpty)
        }
    }

    private func wait(isRetrying: Bool, isClosing: Bool, hasMore: Bool) {
        if isRetrying { return bell.wait(for: max(options.flushInterval, .milliseconds(100))) }
        if isClosing || hasMore { return }
        // Records that come during the interval wait for its end; without any, sleep until there are.
        bell.wait(for: options.flushInterval)
        if queues.recordCount == 0, !state.withLockedValue({ $0.isClosing }), !queues.setIdle() {
            bell.wait(for: nil)
        }
        queues.setBusy()
    }

    /// False if the disk refused the batch, which is then still there.
    private func write(_ batch: inout TapeBatch, with inserter: TapeInserter) -> Bool {
        do throws(SQLiteError) {
            let outcome = try batch.write(with: inserter)
            committed.store(batch.end - 1, ordering: .releasing)
            let wasFailing = state.withLockedValue { state -> Bool in
                defer {
                    state.status.state = .recording
                    state.status.lastError = nil
                    state.status.packets += outcome.packets
                    state.status.lost += outcome.lost
                    state.status.queued = 0
                }
                return state.status.state == .failing
            }
            if wasFailing { logger.notice("the tape is being written again", metadata: ["tape": "\(path)"]) }
            if outcome.lost > 0 {
                logger.warning(
                    "packets are missing on the tape; see its view gaps", metadata: ["tape": "\(path)", "packets": "\(outcome.lost)"])
            }
            batch.finish()
            return true
        } catch {
            batch.hasFailed = true
            do throws(SQLiteError) {
                try inserter.rollback()
            } catch {
                logger.debug("the failed batch could not be rolled back", metadata: ["error": "\(error)"])
            }
            let isNew = state.withLockedValue { state -> Bool in
                defer {
                    state.status.state = .failing
                    state.status.lastError = error.description
                    state.status.queued = batch.recordCount
                }
                return state.status.state != .failing
            }
            if isNew {
                logger.error(
                    "the tape cannot be written; packets are held in memory up to the bound and then counted as missing",
                    metadata: ["tape": "\(path)", "error": "\(error)"])
            }
            return false
        }
    }

    private func finish(_ inserter: TapeInserter, unwritten batch: TapeBatch) {
        queues.close()
        var rest = batch
        rest.take(from: queues)
        var problem: TapeError?
        let unwritten = rest.packetCount
        let reason = state.withLockedValue { $0.status.lastError }
        if unwritten > 0 { problem = .unwritten(packets: unwritten, reason: reason ?? "the disk refused it") }
        do throws(SQLiteError) {
            try inserter.end()
        } catch {
            if problem == nil { problem = .unwritten(packets: 0, reason: error.description) }
            logger.error("the run's end could not be written", metadata: ["tape": "\(path)", "error": "\(error)"])
        }
        lock.unlock()
        let waiting = state.withLockedValue { state in
            state.status.state = .closed
            state.status.lost += unwritten
            state.status.queued = 0
            state.outcome = .some(problem)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: problem) }
    }
}
