import Foundation
public import Logging
public import SocketIO
public import Tape

/// Records a server onto a tape.
///
///     let recorder = try Recorder(path: "tapedeck.tape", run: TapeRun(kind: .embedded))
///     // give it to the server as its tap, and after the server's shutdown:
///     try await recorder.close()
///
/// `record` only puts a value into a queue; the tape's own thread writes. Packets' bytes are held by reference until then.
public final class Recorder: Tap {
    private let writer: TapeWriter

    /// Opens the tape, or creates it, and begins a run.
    public init(path: String, run: TapeRun, options: TapeOptions = TapeOptions(), logger: Logger = Logger(label: "tapedeck.recorder"))
        throws(TapeError)
    {
        writer = try TapeWriter(path: path, run: run, options: options, logger: logger)
    }

    public func record(_ event: TapEvent) { writer.append(TapeRecord(event)) }

    /// Notes where the server listens, for the view `runs`; a port of 0 is not known before.
    public func noteHost(_ host: String) {
        writer.append(TapeRecord(at: Int64(Date.now.timeIntervalSince1970 * 1_000_000), kind: .listening(host: host)))
    }

    /// Writes what has been recorded and ends the run. Close the server first: what comes later is not recorded.
    ///
    /// - Throws: `TapeError.unwritten` if the disk refuses it to the end.
    public func close() async throws(TapeError) { try await writer.close() }

    public var path: String { writer.path }
    /// The id of this run in the view `runs`.
    public var runID: Int64 { writer.runID }
    public var status: TapeStatus { writer.status }
    /// All packets and room changes with an id up to this one are on the tape.
    public var committedID: Int64 { writer.committedID }
}
