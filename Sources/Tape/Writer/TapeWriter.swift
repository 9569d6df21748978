import Atomics
public import Logging
import NIOConcurrencyHelpers

/// Writes one run onto a tape.
///
/// `append` may be called from any thread, event loops above all: it puts the record into a bounded queue and returns.
/// One thread of the writer's own takes all queues every `TapeOptions.flushInterval` and writes them in one transaction.
///
///     let writer = try TapeWriter(path: "tapedeck.tape", run: TapeRun(kind: .embedded))
///     writer.append(TapeRecord(at: now, kind: .sessionDisconnected(session: 2, reason: "transport close")))
///     try await writer.close()
///
/// When the file reaches `TapeOptions.maxTapeBytes` or `.maxTapeAge`, it is finished under another name and the recording goes on
/// in a new file; the same happens when somebody moves or deletes it, or when SQLite finds it damaged.
///
/// When the disk refuses a batch it is kept and tried again, while the queues fill up to their bounds; what exceeds them is
/// counted and written to the view `gaps` once the disk takes writes again.
public final class TapeWriter: Sendable {
    public let path: String
    private let queues: RecordQueues
    private let worker: TapeWriterThread

    /// Opens the tape, or creates it, and begins a run.
    ///
    /// A run that a killed process left without an end is marked `interrupted`.
    /// - Throws: `TapeError.notATape`, `.newerVersion`, `.locked` (someone records to it) or `.cannotOpen`; the file is left as it was.
    public init(path: String, run: TapeRun, options: TapeOptions = TapeOptions(), logger: Logger = Logger(label: "tapedeck.tape"))
        throws(TapeError)
    {
        do {
            let output = try TapeOutput(path: path, run: run, options: options)
            let bell = Bell()
            let alarm = LossAlarm(options.onLoss)
            let queues = RecordQueues(
                nextID: output.firstID, maxBytes: options.maxQueuedBytes, maxRecords: options.maxQueuedRecords,
                wakeAt: options.batchSize, wake: { bell.ring() }, onLoss: alarm.raise)
            self.path = path
            self.queues = queues
            self.worker = TapeWriterThread(queues: queues, bell: bell, alarm: alarm, options: options, logger: logger, output: output)
            worker.start(with: output)
        } catch {
            throw TapeError(opening: path, error)
        }
    }

    /// Takes a record; never blocks for the disk, never fails. What does not fit is counted and ends up in the view `gaps`.
    ///
    /// After `close` records are dropped.
    public func append(_ record: TapeRecord) { queues.append(record) }

    /// Writes all that was appended before, ends the run and leaves one finished file without a WAL beside it.
    ///
    /// Connections and sessions that are still open end with the reason `recording ended`. May be called again.
    /// - Throws: `TapeError.unwritten` if the disk still refuses writes after `TapeOptions.closeTimeout`.
    public func close() async throws(TapeError) {
        if let error = await worker.close() { throw error }
    }

    public var status: TapeStatus { worker.status }

    /// The id of this run in the view `runs`. Another file, after a rotation, has the next.
    public var runID: Int64 { worker.runID }

    /// All that has an id up to this one is on the tape.
    public var committedID: Int64 { worker.committedID }
}
