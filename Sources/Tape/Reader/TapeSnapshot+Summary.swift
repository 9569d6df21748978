import Foundation
import GRDB

extension TapeSnapshot {
    /// Events by name with how often they occur, the most frequent first; those of the same number by name.
    ///
    /// - Parameter after: the total and the name of the last one of the page before.
    public func events(after: (total: Int64, name: String)? = nil, limit: Int = 1000) throws -> [EventCountRow] {
        let span = try packetSpan()
        let seconds = max(Double((span?.last ?? 0) - (span?.first ?? 0)) / 1_000_000, 0)
        return try all(
            """
            SELECT name, received, sent, bytes FROM (
                SELECT e.name, sum(b.packets_in) AS received, sum(b.packets_out) AS sent, sum(b.bytes) AS bytes
                FROM event_block b JOIN event_name e ON e.id = b.event_id GROUP BY e.id)
            \(after == nil ? "" : "WHERE received + sent < ?1 OR (received + sent = ?1 AND name > ?2)")
            ORDER BY received + sent DESC, name LIMIT \(max(1, limit))
            """, after.map { [$0.total, $0.name] } ?? []
        ) { row in
            let received: Int64 = row[1]
            let sent: Int64 = row[2]
            return EventCountRow(
                event: row[0], packetsIn: received, packetsOut: sent, bytes: row[3],
                perSecond: seconds > 0 ? (Double(received + sent) / seconds * 1000).rounded() / 1000 : 0)
        }
    }

    /// What the tape holds, in numbers.
    public func summary() throws -> TapeSummary {
        func count(_ sql: String) throws -> Int64 { try integer("SELECT count(*) FROM \(sql)") ?? 0 }
        let totals = try packetTotals(after: cache.totals)
        cache.keep(totals)
        let span = try packetSpan()
        return TapeSummary(
            runs: try count("run"),
            connections: try count("connection"),
            openConnections: try count("connection WHERE closed_us IS NULL"),
            sessions: try count("session WHERE connected_us IS NOT NULL"),
            openSessions: try count("session WHERE connected_us IS NOT NULL AND disconnected_us IS NULL"),
            packets: totals.all, packetsIn: totals.incoming, packetsOut: totals.all - totals.incoming,
            broadcasts: totals.broadcasts,
            acks: totals.acks,
            unansweredAcks: try count("ack WHERE status <> 1"),
            rooms: try count("(SELECT DISTINCT room_id FROM room_member)"),
            lostPackets: try integer("SELECT total(packets) FROM gap") ?? 0,
            gaps: try count("gap"),
            firstAt: span.map { UnixTime.text($0.first) },
            lastAt: span.map { UnixTime.text($0.last) },
            fileBytes: fileBytes(),
            version: version)
    }

    /// The times of the packets with the lowest and the highest id.
    private func packetSpan() throws -> (first: Int64, last: Int64)? {
        func ends(_ function: String, _ order: String) -> String {
            ["packet", "connection_packet", "delivery"].map { "SELECT (SELECT at_us FROM \($0) ORDER BY id \(order) LIMIT 1) AS at" }
                .joined(separator: " UNION ALL ")
        }
        guard let first = try integer("SELECT min(at) FROM (\(ends("min", "ASC")))"),
            let last = try integer("SELECT max(at) FROM (\(ends("max", "DESC")))")
        else { return nil }
        return (first, last)
    }

    private func fileBytes() -> Int64 {
        ["", "-wal"].reduce(0) { sum, suffix in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path + suffix)  // no WAL: no bytes
            return sum + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
        }
    }
}
