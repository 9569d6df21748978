import GRDB

extension TapeSnapshot {
    /// The ids that packets of a time span can have.
    ///
    /// There is no index on the time: within a run ids rise with it but for the moment between taking the time and taking the
    /// id, so a search by halves finds the ends. The run says how much that was at most; who asks compares the times themselves.
    func ids(since: Int64?, until: Int64?, run: Int64?) throws -> Window {
        guard since != nil || until != nil || run != nil else { return .all }
        let runs: [(id: Int64, ids: Window, disorder: Int64)] = try all(
            """
            SELECT id, first_id, (SELECT min(first_id) FROM run l WHERE l.first_id > r.first_id),
                \(version >= 4 ? "coalesce(disorder_us, 5000000)" : "5000000")
            FROM run r ORDER BY id
            """
        ) { row in
            let first: Int64 = row[1]
            return (row[0], Window(from: first, to: row[2] ?? .max), row[3])
        }
        let last = try lastID() + 1
        var lower: Int64?
        var upper: Int64 = 0
        for (id, ids, margin) in runs where run == nil || run == id {
            let begin = try since.map { try firstID(at: max($0, .min / 2) - margin, in: ids.to(last)) } ?? ids.lower
            let end = try until.map { try firstID(at: min($0, .max / 2) + margin, in: ids.to(last)) } ?? ids.upper
            guard begin < end else { continue }
            lower = min(lower ?? begin, begin)
            upper = max(upper, end)
        }
        guard let lower else { return .none }
        return Window(from: lower, to: upper)
    }

    /// The first id from which on packets have at least this time, in a range of one run.
    private func firstID(at time: Int64, in ids: Window) throws -> Int64 {
        guard !ids.isEmpty else { return ids.lower }
        var low = ids.lower
        var high = ids.upper
        while low < high {
            let middle = low + (high - low) / 2
            // Nothing from here on: the answer lies before.
            guard let found = try firstPacket(from: middle), found.id < high, found.at < time else {
                high = middle
                continue
            }
            low = found.id + 1
        }
        return low
    }

    private func firstPacket(from id: Int64) throws -> (id: Int64, at: Int64)? {
        try row(
            """
            SELECT id, at_us FROM (
                SELECT * FROM (SELECT id, at_us FROM packet WHERE id >= ?1 ORDER BY id LIMIT 1)
                UNION ALL SELECT * FROM (SELECT id, at_us FROM connection_packet WHERE id >= ?1 ORDER BY id LIMIT 1)
                UNION ALL SELECT * FROM (SELECT id, at_us FROM delivery WHERE id >= ?1 ORDER BY id LIMIT 1))
            ORDER BY id LIMIT 1
            """, [id]
        ).map { ($0[0], $0[1]) }
    }
}
