import GRDB

extension TapeSnapshot {
    /// The last packets that pass a filter, oldest first: what came before an end, for instance.
    public func lastPackets(_ filter: PacketFilter, count: Int) throws -> [PacketRow] {
        guard let query = try PacketQuery(filter, self, isDescending: true) else { return [] }
        var arms = query.arms(query.ids, count: count)
        if query.wantsDeliveries { arms += try query.deliveryArms(query.ids, above: 0, count: count, self) }
        let found = try arms.map { try all($0.sql, $0.arguments, PacketRow.init) }
        return Array(found.joined().sorted { $0.id < $1.id }.suffix(count))
    }
}
