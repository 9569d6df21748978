import GRDB

/// Packets over time, in steps of the same length.
public struct PacketHistogram: Sendable, Equatable {
    /// Microseconds since 1970 at which the first step begins.
    public var from: Int64
    /// Microseconds that a step lasts.
    public var step: Int64
    public var incoming: [Int64]
    public var outgoing: [Int64]
    /// False: estimated from the counts of blocks, or only of the newest packets.
    public var isExact = true

    mutating func add(_ count: Int64, isIncoming: Bool, at time: Int64) {
        let index = max(0, min(incoming.count - 1, Int(clamping: (time - from) / max(1, step))))
        if isIncoming { incoming[index] += count } else { outgoing[index] += count }
    }
}

/// Acks by their latency.
public struct AckHistogram: Sendable, Equatable {
    public struct Bucket: Sendable, Equatable {
        /// Milliseconds, inclusive.
        public var from: Double
        /// Exclusive; nil: no end.
        public var to: Double?
        public var count: Int64
    }

    /// From the first that is not empty to the last.
    public var buckets: [Bucket]
    public var counts: [AckRow.Status: Int64]
    /// Milliseconds by rank: 0.5, 0.95, 0.99.
    public var percentiles: [Double: Double]
}

extension TapeSnapshot {
    /// Ids that can be counted one by one in a moment.
    private static let countable: Int64 = 1 << 18

    /// How many packets pass the filter in each step of its span of time, or of the tape's.
    ///
    /// - Parameter patience: how long packets may be searched where no index and no count helps; newest first.
    public func histogram(_ filter: PacketFilter, buckets: Int, patience: Duration) throws -> PacketHistogram {
        let none = PacketHistogram(from: 0, step: 0, incoming: [], outgoing: [])
        guard let query = try PacketQuery(filter, self, isDescending: true) else { return none }
        let ids = query.ids.to(try lastID() + 1)
        guard !ids.isEmpty, let first = try time(of: ids.lower, orAfter: true), let last = try time(of: ids.upper - 1, orAfter: false)
        else {
            return none
        }
        let from = max(filter.since ?? first, first)
        let to = min(filter.until ?? (last + 1), last + 1)
        guard to > from else { return none }
        let count = max(1, buckets)
        var histogram = PacketHistogram(
            from: from, step: max(1, (to - from + Int64(count) - 1) / Int64(count)), incoming: Array(repeating: 0, count: count),
            outgoing: Array(repeating: 0, count: count))
        var other = filter
        other.event = nil
        other.direction = nil
        other.run = nil
        other.since = nil
        other.until = nil
        other.includesHeartbeats = false
        let isCounted = other == PacketFilter()
        if isCounted, ids.upper - max(1, ids.lower) > Self.countable {
            try addBlocks(of: query.event, filter.direction, ids, to: &histogram)
        } else {
            try addPackets(query, ids, until: .now + patience, to: &histogram)
        }
        return histogram
    }

    /// One by one, stretch by stretch from the end.
    private func addPackets(
        _ query: PacketQuery, _ ids: Window, until deadline: ContinuousClock.Instant, to histogram: inout PacketHistogram
    )
        throws
    {
        var upper = ids.upper
        let length: Int64 = query.isIndexed ? .max / 2 : 1 << 16
        while upper > max(1, ids.lower) {
            let stretch = Window(from: max(ids.lower, 1, upper - length), to: upper)
            for arm in try query.everything(in: stretch, self) {
                let counted = """
                    WITH x(id, run, connection, session, at, direction, layer, type, namespace, event, ack, payload, attachments, bytes, broadcast,
                        recovery_offset)
                        AS (\(arm.sql))
                    SELECT (at - \(histogram.from)) / \(histogram.step), direction, count(*) FROM x GROUP BY 1, 2
                    """
                for (index, direction, count) in try all(counted, arm.arguments, { ($0[0] as Int64, $0[1] as Int64, $0[2] as Int64) }) {
                    histogram.add(count, isIncoming: direction == 0, at: histogram.from + index * histogram.step)
                }
            }
            upper = stretch.lower
            if ContinuousClock.now >= deadline, upper > max(1, ids.lower) {
                histogram.isExact = false
                return
            }
        }
    }

    /// From what is counted of each block of ids; a block's packets are spread over its time.
    private func addBlocks(of event: Int64?, _ direction: TapeDirection?, _ ids: Window, to histogram: inout PacketHistogram) throws {
        histogram.isExact = false
        let (first, last) = (ids.lower >> EventBlocks.blockBits, (ids.upper - 1) >> EventBlocks.blockBits)
        let blocks: [(block: Int64, incoming: Int64, outgoing: Int64)] = try all(
            """
            SELECT block, sum(packets_in), sum(packets_out) FROM event_block
            WHERE block BETWEEN ? AND ? \(event == nil ? "" : "AND event_id = \(event ?? 0)") GROUP BY block ORDER BY block
            """, [first, last]
        ) { ($0[0], $0[1], $0[2]) }
        var known: (block: Int64, time: Int64)?
        for (block, incoming, outgoing) in blocks {
            let begin: Int64? =
                if let known, known.block == block { known.time } else { try time(of: block << EventBlocks.blockBits, orAfter: true) }
            guard let begin else { continue }
            let end = max(begin, try time(of: (block + 1) << EventBlocks.blockBits, orAfter: true) ?? begin)
            known = (block + 1, end)
            let steps = max(1, min(Int64(histogram.incoming.count), (end - begin) / histogram.step + 1))
            for step in 0..<steps {
                let at = begin + (end - begin) * step / steps
                guard at >= histogram.from, at < histogram.from + histogram.step * Int64(histogram.incoming.count) else { continue }
                func part(_ count: Int64) -> Int64 { count * (step + 1) / steps - count * step / steps }
                if direction != .out { histogram.add(part(incoming), isIncoming: true, at: at) }
                if direction != .in { histogram.add(part(outgoing), isIncoming: false, at: at) }
            }
        }
    }

    /// The time of the packet nearest to an id: the first from it on, or the last up to it.
    private func time(of id: Int64, orAfter isAfter: Bool) throws -> Int64? {
        let nearest = ["packet", "connection_packet", "delivery"].map {
            "SELECT (SELECT at_us FROM \($0) WHERE id \(isAfter ? ">=" : "<=") ?1 ORDER BY id \(isAfter ? "" : "DESC") LIMIT 1) AS at"
        }
        return try integer("SELECT \(isAfter ? "min" : "max")(at) FROM (\(nearest.joined(separator: " UNION ALL ")))", [id])
    }

    /// Where latencies are cut: a third of a decade or so.
    private static let bounds: [Double] = [
        0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000,
    ]
    /// Of one event or session, so many of the newest acks.
    private static let newestAcks = 200_000

    /// Acks by latency. With a filter, those of the newest 200 000 that pass it.
    public func ackHistogram(_ filter: AckFilter) throws -> AckHistogram {
        var conditions = Conditions()
        conditions.add("session_id = ?", filter.session)
        conditions.add("direction = ?", filter.direction?.code)
        if let event = filter.event {
            conditions.add("event_id = ?", try integer("SELECT id FROM event_name WHERE name = ?", [event]) ?? -1)
        }
        let isAll = conditions.terms.isEmpty
        let source =
            isAll ? "ack" : "(SELECT status, latency_ms FROM ack\(conditions.sql) ORDER BY request_id DESC LIMIT \(Self.newestAcks))"
        var counts: [AckRow.Status: Int64] = [:]
        let statuses: [(code: Int64, count: Int64)] =
            if isAll {
                // Those without an answer have an index of their own; all others are answered.
                try all("SELECT status, count(*) FROM ack WHERE status <> 1 GROUP BY 1") { ($0[0], $0[1]) }
                    + [(1, try integer("SELECT (SELECT count(*) FROM ack) - (SELECT count(*) FROM ack WHERE status <> 1)") ?? 0)]
            } else {
                try all("SELECT status, count(*) FROM \(source) GROUP BY 1", conditions.arguments) { ($0[0], $0[1]) }
            }
        for (code, count) in statuses {
            if let status = AckRow.Status.allCases.first(where: { $0.code == code }) { counts[status] = count }
        }
        let latencies: [Double] =
            isAll
            ? [] : try all("SELECT latency_ms FROM \(source) WHERE latency_ms IS NOT NULL ORDER BY 1", conditions.arguments) { $0[0] }
        let counted = try Self.bounds.indices.map { index in
            let (from, to) = (Self.bounds[index], index + 1 < Self.bounds.count ? Self.bounds[index + 1] : nil)
            let count =
                isAll
                ? try integer("SELECT count(*) FROM ack WHERE latency_ms >= ? AND latency_ms < ?", [from, to ?? .infinity]) ?? 0
                : Int64(latencies.partitioningIndex { $0 >= to ?? .infinity } - latencies.partitioningIndex { $0 >= from })
            return AckHistogram.Bucket(from: from, to: to, count: count)
        }
        let total = counted.reduce(0) { $0 + $1.count }
        var buckets = counted
        let filled = buckets.indices.filter { buckets[$0].count > 0 }
        buckets = if let first = filled.first, let last = filled.last { Array(buckets[first...last]) } else { [] }
        var percentiles: [Double: Double] = [:]
        for rank in [0.5, 0.95, 0.99] where total > 0 {
            var place = min(total - 1, Int64((Double(total) * rank).rounded(.up)) - 1)
            guard isAll else {
                percentiles[rank] = latencies[Int(place)]
                continue
            }
            guard
                let bucket = counted.first(where: { bucket in
                    if place < bucket.count { return true }
                    place -= bucket.count
                    return false
                })
            else { continue }
            percentiles[rank] = try row(
                "SELECT latency_ms FROM ack WHERE latency_ms >= ? ORDER BY latency_ms LIMIT 1 OFFSET ?", [bucket.from, place])?[0]
        }
        return AckHistogram(buckets: buckets, counts: counts, percentiles: percentiles)
    }
}

extension Array {
    /// The index of the first element of a sorted array for which it is true.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
