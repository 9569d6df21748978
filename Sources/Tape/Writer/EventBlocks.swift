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

    private(set) var counts: [Key: Count] = [:]

    mutating func count(event: Int64, id: Int64, direction: TapeDirection, packets: Int64 = 1, bytes: Int64) {
        let key = Key(event: event, block: id >> Self.blockBits)
        switch direction {
        case .in: counts[key, default: Count()].packetsIn += packets
        case .out: counts[key, default: Count()].packetsOut += packets
        }
        counts[key, default: Count()].bytes += bytes
    }

    mutating func removeAll() { counts.removeAll(keepingCapacity: true) }
}
