import GRDB

// Packets from the end of the tape backwards: what somebody who opens a long tape wants to see first.

extension TapeSnapshot {
    /// Packets with an id below `before` that pass the filter, the newest first.
    ///
    /// - Parameters:
    ///   - before: `next` of the page before; nil begins at the end.
    ///   - patience: as in ``packets(_:after:limit:patience:)``.
    public func newestPackets(_ filter: PacketFilter = PacketFilter(), before: Int64? = nil, limit: Int = 100, patience: Duration? = nil)
        throws -> TapePage<PacketRow>
    {
        let limit = max(1, limit)
        guard let query = try PacketQuery(filter, self, isDescending: true) else { return TapePage(items: [], next: nil) }
        let deadline = patience.map { ContinuousClock.now + $0 }
        var upper = min(before ?? .max, query.ids.upper, try lastID() + 1)
        let lower = max(query.ids.lower, 1)
        var length: Int64 = query.isIndexed ? .max / 2 : 1 << 14
        var items: [PacketRow] = []
        while items.count <= limit, upper > lower {
            var stretch = Window(from: max(lower, upper - length), to: upper)
            if let event = query.event, !query.isIndexed {
                guard let found = try block(of: event, below: upper) else { break }
                stretch = found.from(lower).to(upper)
            }
            items += try newest(query, stretch, count: limit + 1 - items.count)
            upper = stretch.lower
            length = min(1 << 18, 2 * length)
            if let deadline, ContinuousClock.now >= deadline, items.count <= limit, upper > lower {
                return TapePage(items: items, next: upper)
            }
        }
        guard items.count > limit else { return TapePage(items: items, next: nil) }
        items.removeSubrange(limit...)
        return TapePage(items: items, next: items.last?.id)
    }

    /// The ids of the last block below an id in which an event occurs.
    ///
    /// A delivery is counted where it begins and reaches into the blocks behind; so the one before the block is looked at with it.
    private func block(of event: Int64, below upper: Int64) throws -> Window? {
        let last = (upper - 1) >> EventBlocks.blockBits
        guard let block = try integer("SELECT max(block) FROM event_block WHERE event_id = ? AND block <= ?", [event, last]) else {
            return nil
        }
        // From the block's beginning up to where it was looked before: what a delivery of this block reaches lies there too.
        return Window(from: block << EventBlocks.blockBits, to: upper)
    }

    /// Of a stretch of ids, deliveries that begin before it included: their packets count by their own ids.
    private func newest(_ query: PacketQuery, _ ids: Window, count: Int) throws -> [PacketRow] {
        try merged(count: count, isDescending: true) { count in
            try query.everything(in: ids, self, count: count)
        }
    }
}

extension PacketQuery {
    /// Statements for all packets of a stretch of ids, deliveries that reach into it included.
    func everything(in ids: Window, _ tape: TapeSnapshot, count: Int = .max) throws -> [Arm] {
        guard !ids.isEmpty else { return [] }
        var arms = arms(ids, count: count)
        if wantsDeliveries {
            let first = try tape.integer("SELECT max(id) FROM delivery WHERE id <= ?", [ids.lower]) ?? ids.lower
            arms += try deliveryArms(Window(from: first, to: ids.upper), above: ids.lower - 1, below: ids.upper, count: count, tape)
        }
        return arms
    }
}
