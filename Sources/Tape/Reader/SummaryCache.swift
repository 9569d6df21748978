import GRDB
import NIOConcurrencyHelpers

/// What the packets of a tape add up to, up to an id. Packets never change, so only those that came since are counted anew.
struct PacketTotals: Sendable {
    var upTo: Int64 = 0
    var incoming: Int64 = 0
    var all: Int64 = 0
    /// Packets that asked for an ack.
    var acks: Int64 = 0
    var broadcasts: Int64 = 0
    var lastBroadcast: Int64 = 0
}

/// The totals that were found last, for a tape that is asked again and again.
final class SummaryCache: Sendable {
    private let box = NIOLockedValueBox(PacketTotals())

    var totals: PacketTotals { box.withLockedValue { $0 } }

    func keep(_ totals: PacketTotals) {
        box.withLockedValue { if totals.upTo > $0.upTo { $0 = totals } }
    }
}

extension TapeSnapshot {
    /// Counts what came after `known`.
    func packetTotals(after known: PacketTotals) throws -> PacketTotals {
        var totals = known
        totals.upTo = try lastID()
        for table in ["packet", "connection_packet"] {
            guard
                let row = try row(
                    "SELECT count(*), total(direction = 0) FROM \(table) WHERE id > ? AND id <= ?", [known.upTo, totals.upTo])
            else { continue }
            totals.all += row[0] as Int64
            totals.incoming += Int64(row[1] as Double)
        }
        totals.all +=
            try integer(
                "SELECT coalesce(sum(length - coalesce(json_array_length(omitted), 0)), 0) FROM delivery WHERE id > ? AND id <= ?",
                [known.upTo, totals.upTo]) ?? 0
        totals.acks += try integer("SELECT count(*) FROM ack WHERE request_id > ? AND request_id <= ?", [known.upTo, totals.upTo]) ?? 0
        totals.lastBroadcast = try integer("SELECT max(id) FROM broadcast") ?? 0
        totals.broadcasts +=
            try integer("SELECT count(*) FROM broadcast WHERE id > ? AND id <= ?", [known.lastBroadcast, totals.lastBroadcast]) ?? 0
        return totals
    }
}
