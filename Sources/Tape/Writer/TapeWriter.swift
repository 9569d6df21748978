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
/// When the disk refuses a batch it is kept and tried again, while the queues fill up to their bounds; what exceeds them is
/// counted and written to the view `gaps` once the disk takes writes again.
public final class TapeWriter: Sendable {
    public let path: String
    /// The id of this run in the view `runs`.
    public let runID: Int64
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
            let (connection, lock) = try TapeFile.openForRecording(path, durability: options.durability)
            do {
                let beginning = try RunRows.begin(run, on: connection, now: UnixTime.now())
                let bell = Bell()
                let queues = RecordQueues(
                    nextID: beginning.nextID, maxBytes: options.maxQueuedBytes, maxRecords: options.maxQueuedRecords,
                    wakeAt: options.batchSize, wake: { bell.ring() })
                let inserter = try TapeInserter(
                    connection: connection, run: beginning.run, base: beginning.base, redaction: options.redaction)
                self.path = path
                self.runID = beginning.run
                self.queues = queues
                self.worker = TapeWriterThread(
                    path: path, queues: queues, bell: bell, lock: lock, options: options, logger: logger, firstID: beginning.nextID)
                worker.start(with: inserter)
            } catch {
                lock.unlock()
                throw error
            }
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

    /// All that has an id up to this one is on the tape.
    public var committedID: Int64 { worker.committedID }
}
