/// What is written in one transaction, in the order of ids across the queues.
struct TapeBatch {
    struct Outcome {
        var packets = 0
        var lost = 0
    }

    private var queues: [[RecordQueues.Entry]] = []
    private var spare: [[RecordQueues.Entry]] = []
    /// Records that were appended while the queues were being taken: they belong to the next batch.
    private var later: [[RecordQueues.Entry]] = []
    private var gaps: [TapeGap] = []
    /// The first id that is not in this batch.
    private(set) var end: Int64 = 0
    /// The disk refused it; it waits for the next try.
    var hasFailed = false

    var recordCount: Int { queues.reduce(0) { $0 + $1.count } }
    var packetCount: Int { queues.reduce(0) { $0 + $1.reduce(0) { $0 + $1.record.packetCount } } + gaps.reduce(0) { $0 + $1.packets } }
    /// When the first thing in it happened, in microseconds since 1970.
    var start: Int64? { (queues.compactMap { $0.first?.record.at } + gaps.map(\.from)).min() }
    var isEmpty: Bool { gaps.isEmpty && queues.allSatisfy(\.isEmpty) && later.allSatisfy(\.isEmpty) }

    mutating func take(from source: RecordQueues) {
        let taken = source.take(reusing: &spare)
        end = taken.end
        if let gap = taken.gap { gaps.append(gap) }
        let held = later
        later = []
        if queues.isEmpty { queues = Array(repeating: [], count: taken.queues.count) }
        for (index, entries) in taken.queues.enumerated() {
            var entries = entries
            if index < held.count, !held[index].isEmpty { entries.insert(contentsOf: held[index], at: 0) }
            var tail: [RecordQueues.Entry] = []
            if let last = entries.last, last.id >= end {
                let cut = entries.firstIndex { $0.id >= end } ?? entries.endIndex
                tail = Array(entries[cut...])
                entries.removeSubrange(cut...)
            }
            later.append(tail)
            if queues[index].isEmpty { queues[index] = entries } else { queues[index] += entries }
        }
    }

    mutating func add(_ gap: TapeGap) { gaps.append(gap) }

    /// Writes all of it, or throws when the disk refuses. A row that is itself at fault is left out and counted.
    mutating func write(with inserter: TapeInserter) throws(SQLiteError) -> Outcome {
        var outcome = Outcome()
        var refused: TapeGap?
        try inserter.begin()
        for gap in gaps {
            outcome.lost += gap.packets
            try inserter.insert(gap)
        }
        var heads = Array(repeating: 0, count: queues.count)
        while let queue = next(heads) {
            // The run of this queue up to the next id of another.
            let limit = lowest(heads, except: queue)
            var head = heads[queue]
            let entries = queues[queue]
            while head < entries.count {
                // Taken out once: a copy of a record costs a reference count for each of its parts.
                let entry = entries[head]
                guard entry.id < limit else { break }
                do throws(SQLiteError) {
                    outcome.packets += try inserter.insert(entry.record, id: entry.id)
                } catch  where error.concernsOneRowOnly {
                    refused.add(packets: entry.record.packetCount, at: entry.record.at)
                    refused?.reason = "refused by the database: \(error)"
                    outcome.lost += entry.record.packetCount
                }
                head += 1
            }
            heads[queue] = head
        }
        if let refused { try inserter.insert(refused) }
        try inserter.commit()
        return outcome
    }

    /// The batch is on the tape.
    mutating func finish() {
        hasFailed = false
        gaps.removeAll()
        for index in queues.indices { queues[index].removeAll(keepingCapacity: true) }
        // Arrays that grew in a burst are let go.
        spare = queues.filter { $0.capacity <= 65_536 }
        queues = []
    }

    /// The queue whose next record has the lowest id.
    private func next(_ heads: [Int]) -> Int? {
        var best: (queue: Int, id: Int64)?
        for index in queues.indices where heads[index] < queues[index].count {
            let id = queues[index][heads[index]].id
            if best.map({ id < $0.id }) ?? true { best = (index, id) }
        }
        return best?.queue
    }

    private func lowest(_ heads: [Int], except queue: Int) -> Int64 {
        var lowest = Int64.max
        for index in queues.indices where index != queue && heads[index] < queues[index].count {
            lowest = min(lowest, queues[index][heads[index]].id)
        }
        return lowest
    }
}
