import GRDB

extension TapeSnapshot {
    /// The last packets that pass a filter, oldest first: what came before an end, for instance.
    public func lastPackets(_ filter: PacketFilter, count: Int) throws -> [PacketRow] {
        guard let query = try PacketQuery(filter, self, isDescending: true) else { return [] }
        return try merged(count: count, isDescending: true) { count in
            var arms = query.arms(query.ids, count: count)
            if query.wantsDeliveries { arms += try query.deliveryArms(query.ids, above: 0, count: count, self) }
            return arms
        }.reversed()
    }
}
