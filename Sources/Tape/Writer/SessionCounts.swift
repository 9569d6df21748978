/// Which sessions have a row, and how many packets those of this run have had so far.
///
/// Their rows follow a little later, a few with each batch: the view adds what a row does not know of yet.
struct SessionCounts {
    struct Count: Equatable {
        var packetsIn: Int64 = 0
        var packetsOut: Int64 = 0
        /// The id of the last packet that came from the client.
        var lastReceived: Int64?
        /// The session was seen from its first packet on; otherwise the row is right and this is not.
        var isComplete: Bool
        /// It waits in `changed`.
        fileprivate var hasChanged = false

        init(isComplete: Bool) { self.isComplete = isComplete }
    }

    private var counts: [Int64: Count] = [:]
    /// Sessions whose rows are behind, with the number of the batch that made them so, which never goes down.
    private var changed: [(session: Int64, batch: Int)] = []
    private var firstChanged = 0
    private var batch = 0
    private let limit = 500_000

    /// Batches that a row may be behind: some two seconds of them.
    private static let delay = 40
    /// Rows that are brought up with one batch.
    private static let rowsPerBatch = 500

    func knows(_ session: Int64) -> Bool { counts[session] != nil }

    mutating func begin(_ session: Int64, isComplete: Bool) {
        // Sessions that were never accepted may pile up; what is not known here is counted from the tape.
        if counts.count >= limit { forget() }
        counts[session] = Count(isComplete: isComplete)
    }

    /// False if the session is not known.
    @discardableResult
    mutating func count(_ session: Int64, _ direction: TapeDirection, id: Int64) -> Bool {
        guard let index = counts.index(forKey: session) else { return false }
        switch direction {
        case .in:
            counts.values[index].packetsIn += 1
            counts.values[index].lastReceived = id
        case .out: counts.values[index].packetsOut += 1
        }
        if !counts.values[index].hasChanged {
            counts.values[index].hasChanged = true
            changed.append((session, batch))
        }
        return true
    }

    func lastReceived(by session: Int64) -> Int64? { counts[session]?.lastReceived }

    /// The session's counts; nil if it is not known.
    mutating func end(_ session: Int64) -> Count? { counts.removeValue(forKey: session) }

    /// A batch is complete: the sessions whose rows should now be brought up.
    mutating func endBatch() -> [(session: Int64, count: Count)] {
        defer { batch += 1 }
        var due: [(session: Int64, count: Count)] = []
        while due.count < Self.rowsPerBatch, firstChanged < changed.count, changed[firstChanged].batch + Self.delay <= batch {
            let session = changed[firstChanged].session
            firstChanged += 1
            guard let index = counts.index(forKey: session) else { continue }
            counts.values[index].hasChanged = false
            due.append((session, counts.values[index]))
        }
        if firstChanged > 10_000, firstChanged > changed.count / 2 {
            changed.removeFirst(firstChanged)
            firstChanged = 0
        }
        return due
    }

    /// What the tape says is taken over.
    mutating func correct(_ session: Int64, packetsIn: Int64, packetsOut: Int64) {
        guard let index = counts.index(forKey: session) else { return }
        counts.values[index].packetsIn = packetsIn
        counts.values[index].packetsOut = packetsOut
        counts.values[index].isComplete = true
    }

    var all: [Int64: Count] { counts }

    /// After a rollback neither rows nor counts are certain.
    mutating func forget() {
        counts.removeAll(keepingCapacity: true)
        changed.removeAll(keepingCapacity: true)
        firstChanged = 0
    }
}
