import GRDB

// Packets are in three places: `packet`, `connection_packet` and, folded up, `delivery`. Each is asked in the order of ids and
// the answers are merged, so that a page costs a page, not a tape. (The view `packets` says the same in SQL.)

extension TapeSnapshot {
    /// Packets with an id above `after` that pass the filter, in the order of ids.
    ///
    /// - Parameter patience: how long to look for more, where packets that pass are rare and no index helps. After that the page is what
    ///   has been found, perhaps nothing, and its `next` goes on from there.
    public func packets(_ filter: PacketFilter = PacketFilter(), after: Int64 = 0, limit: Int = 100, patience: Duration? = nil) throws
        -> TapePage<PacketRow>
    {
        let limit = max(1, limit)
        // Far above all ids, and far from where sums overflow.
        let after = min(after, .max / 2)
        guard let query = try PacketQuery(filter, self) else { return TapePage(items: [], next: nil) }
        let deadline = patience.map { ContinuousClock.now + $0 }
        var (items, reached) =
            if let event = query.event {
                try packetsOfEvent(event, query, after: after, count: limit + 1, until: deadline)
            } else {
                try packets(query, after: after, count: limit + 1, until: deadline)
            }
        guard items.count > limit else { return TapePage(items: items, next: reached.map { max($0, items.last?.id ?? 0) }) }
        items.removeSubrange(limit...)
        return TapePage(items: items, next: items.last?.id)
    }

    public func packet(_ id: Int64) throws -> PacketRow? {
        var filter = PacketFilter()
        filter.includesHeartbeats = true
        guard id < .max, let query = try PacketQuery(filter, self) else { return nil }
        return try packets(query, in: Window(from: id, to: id + 1), count: 1).first
    }

    /// The highest id that a packet or room change has now: where to begin to watch a growing tape.
    public func lastID() throws -> Int64 {
        try integer(
            """
            SELECT max(id) FROM (
                SELECT max(id) AS id FROM packet
                UNION ALL SELECT max(id) FROM connection_packet
                UNION ALL SELECT max(id) FROM room_change
                UNION ALL SELECT id + length - coalesce(json_array_length(omitted), 0) - 1
                    FROM (SELECT id, length, omitted FROM delivery ORDER BY id DESC LIMIT 1))
            """) ?? 0
    }

    /// Block by block, only those in which the event occurs: a rare one is found without reading the tape.
    private func packetsOfEvent(_ event: Int64, _ query: PacketQuery, after: Int64, count: Int, until deadline: ContinuousClock.Instant?)
        throws -> (items: [PacketRow], reached: Int64?)
    {
        var items: [PacketRow] = []
        let after = max(after, query.ids.lower - 1)
        // A delivery is counted in the block of its first packet and may reach past `after` from there.
        let first = try firstDelivery(reaching: after + 1)
        var block = max(0, min(after + 1, first) >> EventBlocks.blockBits)
        while items.count < count, block << EventBlocks.blockBits < query.ids.upper,
            let next = try integer("SELECT min(block) FROM event_block WHERE event_id = ? AND block >= ?", [event, block])
        {
            let range = Window(from: next << EventBlocks.blockBits, to: (next + 1) << EventBlocks.blockBits)
            items += try packets(
                query, range.from(after + 1), deliveries: range.from(first), above: after, count: count - items.count)
            block = next + 1
            if let deadline, ContinuousClock.now >= deadline { return (items, range.upper - 1) }
        }
        return (items, nil)
    }

    /// Stretch by stretch, each longer than the one before: common packets are found in the first.
    private func packets(_ query: PacketQuery, after: Int64, count: Int, until deadline: ContinuousClock.Instant?)
        throws -> (items: [PacketRow], reached: Int64?)
    {
        let after = max(after, query.ids.lower - 1)
        guard let deadline, !query.isIndexed else {
            return (try packets(query, in: Window(from: after + 1, to: .max), count: count), nil)
        }
        let last = min(try lastID(), query.ids.upper)
        let first = try firstDelivery(reaching: after + 1)
        var items: [PacketRow] = []
        var stretch = Window(from: after + 1, to: after + 1 + (1 << 14))
        while items.count < count, stretch.lower <= last {
            // Deliveries belong to the stretch that they begin in, and may end in a later one.
            let deliveries = stretch.lower == after + 1 ? Window(from: min(first, stretch.lower), to: stretch.upper) : stretch
            items += try packets(query, stretch, deliveries: deliveries, above: after, count: count - items.count)
            if ContinuousClock.now >= deadline, stretch.upper <= last { return (items, stretch.upper - 1) }
            stretch = Window(from: stretch.upper, to: stretch.upper + min(1 << 18, 2 * (stretch.upper - stretch.lower)))
        }
        return (items, nil)
    }

    private func packets(_ query: PacketQuery, in ids: Window, count: Int) throws -> [PacketRow] {
        let ids = ids.from(query.ids.lower)
        return try packets(
            query, ids, deliveries: Window(from: try firstDelivery(reaching: ids.lower), to: ids.upper), above: ids.lower - 1, count: count)
    }

    /// - Parameters:
    ///   - deliveries: the ids of deliveries' first packets.
    ///   - above: no packet with this id or a lower one, be its delivery's lower still.
    private func packets(_ query: PacketQuery, _ ids: Window, deliveries: Window, above: Int64, count: Int) throws -> [PacketRow] {
        let ids = ids.to(query.ids.upper)
        let deliveries = query.wantsDeliveries ? deliveries.to(query.ids.upper) : .none
        return try merged(count: count, isDescending: false) { count in
            var arms: [PacketQuery.Arm] = []
            if !ids.isEmpty { arms = query.arms(ids, count: count) }
            if !deliveries.isEmpty { arms += try query.deliveryArms(deliveries, above: above, count: count, self) }
            return arms
        }
    }

    /// The first packets of several statements, each of which gives its own in order.
    ///
    /// Many statements are asked for their share first: what lies before the end of each of them is complete, and mostly enough.
    ///
    /// - Parameter arms: the statements, for so many rows each.
    func merged(count: Int, isDescending: Bool, _ arms: (_ count: Int) throws -> [PacketQuery.Arm]) throws -> [PacketRow] {
        var share = count
        var statements = try arms(share)
        if statements.count > 4 {
            share = min(count, max(8, 2 * count / statements.count))
            statements = try arms(share)
        }
        while true {
            var items: [PacketRow] = []
            var horizon: Int64?
            for statement in statements {
                let found = try all(statement.sql, statement.arguments, PacketRow.init)
                if share < count, found.count == share, let last = found.last?.id {
                    horizon = horizon.map { isDescending ? max($0, last) : min($0, last) } ?? last
                }
                items += found
            }
            if let horizon { items.removeAll { isDescending ? $0.id < horizon : $0.id > horizon } }
            if items.count >= count || horizon == nil {
                if statements.count > 1 { items.sort { isDescending ? $0.id > $1.id : $0.id < $1.id } }
                return Array(items.prefix(count))
            }
            share = min(count, 4 * share)
            statements = try arms(share)
        }
    }

    /// The delivery that may hold the packet with this id: the last that begins at it or before.
    private func firstDelivery(reaching id: Int64) throws -> Int64 {
        try integer("SELECT max(id) FROM delivery WHERE id <= ?", [id]) ?? id
    }
}

/// A range of ids that may be empty or upside down.
struct Window {
    var lower: Int64
    var upper: Int64

    init(from lower: Int64, to upper: Int64) {
        self.lower = lower
        self.upper = upper
    }

    static let all = Window(from: 0, to: .max)
    static let none = Window(from: 0, to: 0)

    var isEmpty: Bool { lower >= upper }
    func from(_ bound: Int64) -> Window { Window(from: max(lower, bound), to: upper) }
    func to(_ bound: Int64) -> Window { Window(from: lower, to: min(upper, bound)) }
}

extension PacketRow {
    /// A row in the common shape of all arms.
    init(_ row: Row) {
        id = row[0]
        runID = row[1]
        connectionID = row[2]
        sessionID = row[3]
        atMicroseconds = row[4]
        at = UnixTime.text(atMicroseconds)
        direction = row[5] == 0 ? .in : .out
        layer = row[6] == 0 ? .engine : .socket
        let code: Int = row[7]
        type =
            switch layer {
            case .engine: TapeEnginePacketType.allCases.indices.contains(code) ? TapeEnginePacketType.allCases[code].rawValue : "unknown"
            case .socket: TapePacketType.allCases.indices.contains(code) ? TapePacketType.allCases[code].rawValue : "unknown"
            }
        namespace = row[8]
        event = row[9]
        ackID = row[10]
        data = row[11]
        attachments = row[12]
        bytes = row[13]
        broadcastID = row[14]
        recoveryOffset = row[15]
    }
}
