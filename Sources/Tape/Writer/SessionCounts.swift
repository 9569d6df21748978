/// Which sessions have a row, and how many packets those of this run have had so far.
struct SessionCounts {
    struct Count: Equatable {
        var packetsIn: Int64 = 0
        var packetsOut: Int64 = 0
        /// The id of the last packet that came from the client.
        var lastReceived: Int64?
        /// The session was seen from its first packet on.
        var isComplete: Bool
    }

    private var counts: [Int64: Count] = [:]
    private let limit = 500_000

    func knows(_ session: Int64) -> Bool { counts[session] != nil }

    mutating func begin(_ session: Int64, isComplete: Bool) {
        // Sessions that were never accepted may pile up; without counts the view counts for itself.
        if counts.count >= limit { counts.removeAll() }
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
        return true
    }

    func lastReceived(by session: Int64) -> Int64? { counts[session]?.lastReceived }

    /// The session's counts, if they are known to be right.
    mutating func end(_ session: Int64) -> Count? {
        guard let count = counts.removeValue(forKey: session), count.isComplete else { return nil }
        return count
    }

    /// After a rollback neither rows nor counts are certain.
    mutating func forget() { counts.removeAll(keepingCapacity: true) }
}
