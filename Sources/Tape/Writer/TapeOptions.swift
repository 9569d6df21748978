/// What a run on a tape is about; the columns of the view `runs`.
public struct TapeRun: Sendable {
    public enum Kind: String, Sendable, Codable {
        case serve, proxy, embedded
        /// What the clients of a replay saw.
        case replay
    }

    public var kind: Kind
    /// Where it listens, "127.0.0.1:3000".
    public var host: String?
    /// What recorded it, "tapedeck 0.1.0".
    public var software: String?
    /// The recorded server's URL, for a proxy.
    public var upstream: String?
    /// The settings as a JSON object.
    public var settings: String
    /// Microseconds since 1970; nil for now.
    public var startedAt: Int64?

    public init(
        kind: Kind, host: String? = nil, software: String? = nil, upstream: String? = nil, settings: String = "{}", startedAt: Int64? = nil
    ) {
        self.kind = kind
        self.host = host
        self.software = software
        self.upstream = upstream
        self.settings = settings
        self.startedAt = startedAt
    }
}

/// How a tape is written.
public struct TapeOptions: Sendable {
    public enum Durability: String, Sendable, CaseIterable {
        /// Survives the end of the process at any moment; a power cut may cost the last batches.
        case normal
        /// Each batch is synced to the disk.
        case full
    }

    /// How old a record may become before it is in the file, however the process ends. Default 50 ms.
    public var flushInterval: Duration = .milliseconds(50)
    /// Records waiting in one queue that end the wait early. Default 20 000: each page that a batch touches is written once.
    public var batchSize: Int = 20_000
    /// Bytes of payload that may wait in one of the writer's queues; what exceeds it is counted as a gap. Default 32 MiB.
    public var maxQueuedBytes: Int = 32 << 20
    /// Records that may wait in one of the writer's queues. Default 200 000.
    public var maxQueuedRecords: Int = 200_000
    public var durability: Durability = .normal
    /// What is kept off the tape. Default: what is named like a password, token, secret or cookie.
    public var redaction = Redaction.standard
    /// How long `close` tries to write the rest when the disk refuses it. Default 5 s.
    public var closeTimeout: Duration = .seconds(5)

    /// The size in bytes at which a tape is finished and the recording goes on in a new one; nil: never.
    public var maxTapeBytes: Int?
    /// The time after which a tape is finished and the recording goes on in a new one; nil: never.
    public var maxTapeAge: Duration?
    /// How many finished tapes are kept beside the one being recorded; nil: all.
    public var keptTapes: Int?
    /// How long writes may fail until the recorder counts as blind. Default 1 s.
    public var blindAfter: Duration = .seconds(1)
    /// Called once, on any thread, when the first packet is lost or the recorder has become blind. It must not block.
    public var onLoss: (@Sendable () -> Void)?

    /// SQLite's way to the file system; tests have one with faults.
    var vfs: String?
    /// Other than what follows from `maxTapeBytes`, for tests.
    var checkpoints: Checkpointer.Bounds?

    public init() {}
}

/// What a server does when its traffic cannot be recorded.
public enum LossPolicy: String, Sendable, CaseIterable {
    /// Serve on, and count exactly what is missing.
    case mark
    /// Take no new connections as long as the recorder is blind.
    case refuse
    /// Drain and end.
    case stop
}

/// The writer's state, for `/healthz`, `/metrics` and the log.
public struct TapeStatus: Sendable, Equatable {
    public enum State: String, Sendable {
        case recording
        /// The disk refuses writes; records are held up to the bound and tried again.
        case failing
        case closed
    }

    public var state: State
    /// Packets written in this run; a broadcast counts once per receiver.
    public var packets: Int
    /// Packets that could not be recorded in this run.
    public var lost: Int
    /// Records that wait in memory.
    public var queued: Int
    /// The last error of the disk, nil once writing works again.
    public var lastError: String?
    /// What happens now may be missing on the tape: packets were lost within the last second, or writing has failed for a while.
    public var isBlind = false
    /// When something was written last, in microseconds since 1970.
    public var lastWriteAt: Int64?
}
