/// What a run on a tape is about; the columns of the view `runs`.
public struct TapeRun: Sendable {
    public enum Kind: String, Sendable, Codable {
        case serve, proxy, embedded
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

    /// How long a record may wait in memory before it is written. Default 50 ms.
    public var flushInterval: Duration = .milliseconds(50)
    /// Records waiting in one queue that end the wait early. Default 4000.
    public var batchSize: Int = 4000
    /// Bytes of payload that may wait in one of the writer's queues; what exceeds it is counted as a gap. Default 32 MiB.
    public var maxQueuedBytes: Int = 32 << 20
    /// Records that may wait in one of the writer's queues. Default 200 000.
    public var maxQueuedRecords: Int = 200_000
    public var durability: Durability = .normal
    /// What is kept off the tape. Default: what is named like a password, token, secret or cookie.
    public var redaction = Redaction.standard
    /// How long `close` tries to write the rest when the disk refuses it. Default 5 s.
    public var closeTimeout: Duration = .seconds(5)

    public init() {}
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
}
