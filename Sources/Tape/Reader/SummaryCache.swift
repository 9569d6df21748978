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
        try add(
            "SELECT total(direction = 0), count(*) FROM connection_packet WHERE id > ? AND id <= ?", [known.upTo, totals.upTo], to: &totals)
        if known.upTo == 0 {
            // Of millions of packets, sessions have counted nearly all.
            try add("SELECT total(packets_in), total(packets_in) + total(packets_out) FROM session", [], to: &totals)
            try add(
                """
                SELECT total((SELECT count(*) FROM packet p WHERE p.session_id = s.id AND p.id >= s.counted_id AND p.direction = 0)),
                    total((SELECT count(*) FROM packet p WHERE p.session_id = s.id AND p.id >= s.counted_id)
                        + (SELECT count(*) FROM receiver r JOIN delivery d ON d.list_id = r.list_id AND d.id >= s.counted_id
                            WHERE r.session_id = s.id AND r.position < d.length
                                AND (d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted)))))
                FROM session s WHERE counted_id <> ?
                """, [StoredCounts.all], to: &totals)
        } else {
            let since: [any DatabaseValueConvertible] = [known.upTo, totals.upTo]
            try add("SELECT total(direction = 0), count(*) FROM packet WHERE id > ? AND id <= ?", since, to: &totals)
            try add(
                "SELECT 0.0, total(length - coalesce(json_array_length(omitted), 0)) FROM delivery WHERE id > ? AND id <= ?", since,
                to: &totals)
        }
        totals.acks += try integer("SELECT count(*) FROM ack WHERE request_id > ? AND request_id <= ?", [known.upTo, totals.upTo]) ?? 0
        totals.lastBroadcast = try integer("SELECT max(id) FROM broadcast") ?? 0
        totals.broadcasts +=
            try integer("SELECT count(*) FROM broadcast WHERE id > ? AND id <= ?", [known.lastBroadcast, totals.lastBroadcast]) ?? 0
        return totals
    }

    /// - Parameter sql: how many came in, and how many there are in all.
    private func add(_ sql: String, _ arguments: [any DatabaseValueConvertible], to totals: inout PacketTotals) throws {
        guard let row = try row(sql, arguments) else { return }
        totals.incoming += Int64(row[0] as Double)
        totals.all += Int64(row[1] as Double)
    }
}
