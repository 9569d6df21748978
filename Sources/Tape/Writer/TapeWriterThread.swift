import Atomics
import Foundation
import GRDBSQLite
import Logging
import NIOConcurrencyHelpers

/// The writer's own thread: takes the queues, writes a batch, keeps it when the disk refuses it, and tries again.
final class TapeWriterThread: Sendable {
    private struct State {
        var status = TapeStatus(state: .recording, packets: 0, lost: 0, queued: 0, lastError: nil)
        var runID: Int64
        /// Packets of this recording that went to files before the present one.
        var packetsInOtherFiles = 0
        var failingSince: ContinuousClock.Instant?
        /// Packets in memory that the tape says wait there.
        var noted = 0
        var isClosing = false
        var outcome: TapeError??
        var waiting: [CheckedContinuation<TapeError?, Never>] = []
    }

    private let path: String
    private let queues: RecordQueues
    private let bell: Bell
    private let alarm: LossAlarm
    private let options: TapeOptions
    private let logger: Logger
    private let state: NIOLockedValueBox<State>
    private let committed: ManagedAtomic<Int64>

    init(queues: RecordQueues, bell: Bell, alarm: LossAlarm, options: TapeOptions, logger: Logger, output: TapeOutput) {
        path = output.path
        self.queues = queues
        self.bell = bell
        self.alarm = alarm
        self.options = options
        self.logger = logger
        state = NIOLockedValueBox(State(runID: output.runID))
        committed = ManagedAtomic(output.firstID - 1)
    }

    func start(with output: sending TapeOutput) {
        // Handed over once, before the thread exists; from then on only that thread uses it.
        nonisolated(unsafe) let output = output
        let thread = Thread { self.run(output) }
        thread.name = "tape"
        thread.start()
    }

    var status: TapeStatus {
        var status = state.withLockedValue { state in
            var status = state.status
            if let since = state.failingSince, .now - since >= options.blindAfter { status.isBlind = true }
            return status
        }
        status.queued += queues.recordCount
        status.lost += queues.lostPackets
        if queues.isLosing { status.isBlind = true }
        return status
    }

    var runID: Int64 { state.withLockedValue { $0.runID } }

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

    private func run(_ output: TapeOutput) {
        var batch = TapeBatch()
        var pace = FlushPace(interval: options.flushInterval)
        output.keepReserve()
        var isWaitingToRetry = false
        var closeDeadline: ContinuousClock.Instant?
        while true {
            let wasClosing = state.withLockedValue { $0.isClosing }
            if wasClosing, closeDeadline == nil { closeDeadline = .now + options.closeTimeout }
            if !batch.hasFailed { batch.take(from: queues) }
            pace.take(at: .now)
            if !batch.isEmpty {
                isWaitingToRetry = !write(&batch, with: output)
                pace.written(at: .now)
            }
            if wasClosing {
                // What was appended before `close` was taken above, unless a failed batch is in the way.
                if !isWaitingToRetry, batch.isEmpty, queues.recordCount == 0 { return finish(output, unwritten: batch) }
                if let closeDeadline, .now > closeDeadline { return finish(output, unwritten: batch) }
            }
            wait(for: pace.pause(at: .now), isRetrying: isWaitingToRetry, isClosing: wasClosing, hasMore: !batch.isEmpty)
        }
    }

    private func wait(for pause: Duration, isRetrying: Bool, isClosing: Bool, hasMore: Bool) {
        if isRetrying { return bell.wait(for: max(options.flushInterval, .milliseconds(100))) }
        if isClosing || hasMore { return }
        // Records that come during the pause wait for its end; without any, sleep until there are.
        bell.wait(for: pause)
        if queues.recordCount == 0, !state.withLockedValue({ $0.isClosing }), !queues.setIdle() {
            bell.wait(for: nil)
        }
        queues.setBusy()
    }

    /// False if the disk refused the batch, which is then still there.
    private func write(_ batch: inout TapeBatch, with output: TapeOutput) -> Bool {
        do {
            let nextID = committed.load(ordering: .relaxed) + 1
            if let change = try output.prepare(nextID: nextID, packets: packets) { note(change, output, &batch) }
            guard let inserter = output.inserter else { return false }
            let outcome = try batch.write(with: inserter)
            committed.store(batch.end - 1, ordering: .releasing)
            output.checkpointer?.committed(pages: inserter.walPages)
            succeeded(outcome)
            batch.finish()
            boundWAL(of: output)
            output.keepReserve()
            return true
        } catch {
            batch.hasFailed = true
            recover(output, from: error, &batch)
            failed(error, waiting: batch.recordCount)
            noteHeld(batch, output, error)
            return false
        }
    }

    /// Checkpoints that do not keep up, as on a disk whose syncs take longer than the traffic pauses, would let the WAL grow for ever.
    private func boundWAL(of output: TapeOutput) {
        guard let checkpointer = output.checkpointer else { return }
        if checkpointer.needsPause { checkpointer.waitForRound(within: options.flushInterval / 2) }
        guard checkpointer.isOverdue else { return }
        let begin = ContinuousClock.now
        let pages = checkpointer.walPages
        checkpointer.waitForRound(within: .seconds(1))
        logger.info(
            "the tape's WAL had become large: writing waited for the disk",
            metadata: ["tape": "\(path)", "megabytes": "\(pages * 4096 / 1_000_000)", "waited": "\(ContinuousClock.now - begin)"])
    }

    /// Packets written to the present file.
    private var packets: Int { state.withLockedValue { $0.status.packets - $0.packetsInOtherFiles } }

    private func succeeded(_ outcome: TapeBatch.Outcome) {
        let wasFailing = state.withLockedValue { state -> Bool in
            defer {
                state.failingSince = nil
                state.noted = 0
                state.status.state = .recording
                state.status.lastError = nil
                state.status.lastWriteAt = UnixTime.now()
                state.status.packets += outcome.packets
                state.status.lost += outcome.lost
                state.status.queued = 0
            }
            return state.status.state == .failing
        }
        if wasFailing { logger.notice("the tape is being written again", metadata: ["tape": "\(path)"]) }
        if outcome.lost > 0 {
            alarm.raise()
            logger.warning(
                "packets are missing on the tape; see its view gaps", metadata: ["tape": "\(path)", "packets": "\(outcome.lost)"])
        }
    }

    private func failed(_ error: any Error, waiting: Int) {
        let (isNew, isBlind) = state.withLockedValue { state -> (Bool, Bool) in
            let isNew = state.failingSince == nil
            let since = state.failingSince ?? .now
            state.failingSince = since
            state.status.state = .failing
            state.status.lastError = "\(error)"
            state.status.queued = waiting
            return (isNew, .now - since >= options.blindAfter)
        }
        if isBlind { alarm.raise() }
        if isNew {
            logger.error(
                "the tape cannot be written; packets are held in memory up to the bound and then counted as missing",
                metadata: ["tape": "\(path)", "error": "\(error)"])
        }
    }

    /// Writes down what waits, each time that it has become twice as much, in case that the process ends before the disk has room.
    private func noteHeld(_ batch: TapeBatch, _ output: TapeOutput, _ error: any Error) {
        guard let error = error as? SQLiteError, error.meansNoRoom else { return }
        let packets = batch.packetCount + queues.packetCount
        guard packets > 0, state.withLockedValue({ packets >= 2 * $0.noted }) else { return }
        let now = UnixTime.now()
        do throws(SQLiteError) {
            try output.mark(
                held: TapeGap(from: batch.start ?? now, to: now, packets: packets, reason: TapeGap.held(error.message)))
            state.withLockedValue { $0.noted = packets }
        } catch {
            logger.debug("what waits in memory could not be noted on the tape", metadata: ["error": "\(error)"])
        }
    }

    /// Takes back the part of a batch that was written; a damaged file is replaced.
    private func recover(_ output: TapeOutput, from error: any Error, _ batch: inout TapeBatch) {
        do {
            try output.inserter?.rollback()
        } catch {
            logger.debug("the failed batch could not be rolled back", metadata: ["error": "\(error)"])
        }
        guard let error = error as? SQLiteError, error.meansDamage else { return }
        do {
            if let change = try output.replaceDamaged(nextID: committed.load(ordering: .relaxed) + 1) { note(change, output, &batch) }
        } catch {
            logger.error("the damaged tape could not be replaced", metadata: ["tape": "\(path)", "error": "\(error)"])
        }
    }

    private func note(_ change: TapeOutput.Change, _ output: TapeOutput, _ batch: inout TapeBatch) {
        let written = packets
        switch change {
        case .rotated(let place):
            logger.notice(
                "the tape was finished; the recording goes on in a new one", metadata: ["finished": "\(place)", "tape": "\(path)"])
        case .moved:
            logger.warning("the tape was moved while it was recorded; the recording goes on in a new one", metadata: ["tape": "\(path)"])
        case .deleted:
            // They were counted as written; they are counted as missing when the gap is.
            batch.add(TapeGap(from: output.lostSince, to: UnixTime.now(), packets: written, reason: TapeGap.deleted))
            state.withLockedValue { $0.status.packets -= written }
            logger.error(
                "the tape was deleted while it was recorded; the recording goes on in a new one",
                metadata: ["tape": "\(path)", "packets": "\(written)"])
        case .damaged(let place):
            logger.error(
                "the tape is damaged and was put aside; the recording goes on in a new one",
                metadata: ["damaged": "\(place)", "tape": "\(path)", "packets": "\(written)"])
        }
        state.withLockedValue { state in
            state.runID = output.runID
            state.packetsInOtherFiles = state.status.packets
        }
    }

    /// The last word on what was never written: in the log, and on the tape if anything can be written at all.
    private func giveUp(_ rest: TapeBatch, _ output: TapeOutput, _ reason: String) {
        let now = UnixTime.now()
        let gap = TapeGap(from: rest.start ?? now, to: now, packets: rest.packetCount, reason: TapeGap.unwritten(reason))
        let metadata: Logger.Metadata = ["tape": "\(path)", "packets": "\(gap.packets)", "error": "\(reason)"]
        do throws(SQLiteError) {
            try output.mark(held: gap)
            logger.error("packets were not written before the recording ended; see the tape's view gaps", metadata: metadata)
        } catch {
            logger.error("packets were not written before the recording ended, and the tape cannot say so", metadata: metadata)
        }
    }

    private func finish(_ output: TapeOutput, unwritten batch: TapeBatch) {
        queues.close()
        var rest = batch
        rest.take(from: queues)
        var problem: TapeError?
        let unwritten = rest.packetCount
        let reason = state.withLockedValue { $0.status.lastError }
        if unwritten > 0 {
            problem = .unwritten(packets: unwritten, reason: reason ?? "the disk refused it")
            giveUp(rest, output, reason ?? "no reason is known")
        }
        do throws(SQLiteError) {
            try output.end()
        } catch {
            if problem == nil {
                problem =
                    error.meansDamage ? .damaged(path: path, reason: error.description) : .unwritten(packets: 0, reason: error.description)
            }
            logger.error("the run's end could not be written", metadata: ["tape": "\(path)", "error": "\(error)"])
        }
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
