/// Why a tape could not be opened, written or asked; the description says what to do.
public enum TapeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no file at the path.
    case missing(path: String)
    /// The file is something else: not SQLite, or another program's database.
    case notATape(path: String)
    /// The tape was written by a later Tapedeck.
    case newerVersion(path: String, version: Int, supported: Int)
    /// The tape is older and cannot be read before a recording has brought it up to date.
    case olderVersion(path: String, version: Int, supported: Int)
    /// Another process, or another writer of this process, records to the tape.
    case locked(path: String)
    /// The file cannot be opened or created.
    case cannotOpen(path: String, reason: String)
    /// There is a file where a new tape should be made.
    case exists(path: String)
    /// The file is a tape, but SQLite finds its content broken.
    case damaged(path: String, reason: String)
    /// SQLite refused a read or write.
    case database(String)
    /// The tape was closed while this many packets could not be written.
    case unwritten(packets: Int, reason: String)
    /// The SQL text is not one statement that only reads.
    case notReadOnly(String)
    /// The SQL text has an error.
    case invalidSQL(String)
    /// The query ran into its time limit, in milliseconds.
    case queryTimedOut(milliseconds: Int)
    /// A name that was asked for does not exist, or a filter makes no sense.
    case invalidFilter(String)

    public var description: String {
        switch self {
        case .missing(let path):
            "There is no tape at \(path). Check the path, or record one with 'tapedeck serve --tape \(path)'."
        case .notATape(let path):
            "\(path) is not a tape. Choose another path; the file was left as it is."
        case .newerVersion(let path, let version, let supported):
            "\(path) is a tape of version \(version), newer than this program knows (\(supported)). Update tapedeck to open it."
        case .olderVersion(let path, let version, let supported):
            "\(path) is a tape of version \(version), older than \(supported), and cannot be brought up to date where it is. Copy it to a place that can be written to."
        case .locked(let path):
            "\(path) is being recorded to already. Stop that recording first, or choose another tape with --tape."
        case .cannotOpen(let path, let reason):
            "The tape \(path) cannot be opened: \(reason). Check the folder and its permissions."
        case .exists(let path):
            "There is a file at \(path) already. Choose another name, or delete it first."
        case .damaged(let path, let reason):
            "The tape \(path) is damaged: \(reason). Move it away and start anew; 'sqlite3 \(path) .recover' saves what can be read."
        case .database(let reason):
            "The tape could not be read or written: \(reason)."
        case .unwritten(let packets, let reason):
            "\(packets) packets could not be written to the tape: \(reason). Make room on the disk; what was recorded before is intact."
        case .notReadOnly(let reason):
            "Only one SELECT that reads the tape is allowed here: \(reason)."
        case .invalidSQL(let reason):
            "The SQL has an error: \(reason)."
        case .queryTimedOut(let milliseconds):
            "The query was stopped after \(milliseconds) ms. Narrow it down, for instance by session_id or with a LIMIT."
        case .invalidFilter(let reason):
            "The filter cannot be used: \(reason)."
        }
    }
}
