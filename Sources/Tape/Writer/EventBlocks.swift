/// Counts a batch's packets by event and block of ids, for the table `event_block`.
struct EventBlocks {
    struct Key: Hashable {
        var event: Int64
        var block: Int64
    }

    struct Count {
        var packetsIn: Int64 = 0
        var packetsOut: Int64 = 0
        var bytes: Int64 = 0
    }

    /// Ids of a block: 2 to this power. The schema speaks of it too.
    static let blockBits: Int64 = 12

    private var counts: [Key: Count] = [:]
    /// Most packets are of the same event and block as the one before.
    private var recent: (key: Key, count: Count)?

    mutating func count(event: Int64, id: Int64, direction: TapeDirection, packets: Int64 = 1, bytes: Int64) {
        let key = Key(event: event, block: id >> Self.blockBits)
        if recent?.key != key {
            putBack()
            recent = (key, counts[key] ?? Count())
        }
        switch direction {
        case .in: recent?.count.packetsIn += packets
        case .out: recent?.count.packetsOut += packets
        }
        recent?.count.bytes += bytes
    }

    /// What was counted since `removeAll`.
    mutating func finished() -> [Key: Count] {
        putBack()
        return counts
    }

    mutating func removeAll() {
        counts.removeAll(keepingCapacity: true)
        recent = nil
    }

    private mutating func putBack() {
        if let (key, count) = recent { counts[key] = count }
        recent = nil
    }
}
