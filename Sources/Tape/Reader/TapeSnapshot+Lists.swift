import Foundation
import GRDB
public import NIOCore

extension TapeSnapshot {
    public func runs(after: Int64 = 0, limit: Int = 100) throws -> TapePage<RunRow> {
        try page("SELECT * FROM runs", Conditions(), id: "id", after, limit, RunRow.init, \.id)
    }

    public func connections(run: Int64? = nil, after: Int64 = 0, limit: Int = 100) throws -> TapePage<ConnectionRow> {
        var conditions = Conditions()
        conditions.add("run_id = ?", run)
        return try page("SELECT * FROM connections", conditions, id: "id", after, limit, ConnectionRow.init, \.id)
    }

    public func connection(_ id: Int64) throws -> ConnectionRow? {
        try row("SELECT * FROM connections WHERE id = ?", [id]).map(ConnectionRow.init)
    }

    public func sessions(_ filter: SessionFilter = SessionFilter(), after: Int64 = 0, limit: Int = 100) throws -> TapePage<SessionRow> {
        var conditions = Conditions()
        conditions.add("run_id = ?", filter.run)
        conditions.add("connection_id = ?", filter.connection)
        conditions.add("namespace = ?", filter.namespace)
        conditions.add("sid = ?", filter.sid)
        if let isOpen = filter.isOpen { conditions.add("disconnected_at IS \(isOpen ? "" : "NOT ")NULL") }
        return try page("SELECT * FROM sessions", conditions, id: "id", after, limit, SessionRow.init, \.id)
    }

    public func session(_ id: Int64) throws -> SessionRow? {
        try row("SELECT * FROM sessions WHERE id = ?", [id]).map(SessionRow.init)
    }

    public func gaps(after: Int64 = 0, limit: Int = 100) throws -> TapePage<GapRow> {
        try page("SELECT * FROM gaps", Conditions(), id: "id", after, limit, GapRow.init, \.id)
    }

    /// The packets that asked for an ack, in the order of asking.
    public func acks(_ filter: AckFilter = AckFilter(), after: Int64 = 0, limit: Int = 100) throws -> TapePage<AckRow> {
        var conditions = Conditions()
        conditions.add("a.session_id = ?", filter.session)
        conditions.add("n.name = ?", filter.namespace)
        conditions.add("a.direction = ?", filter.direction?.code)
        if let event = filter.event {
            // By number, which the rows have at hand; one that is not on the tape has none.
            conditions.add("a.event_id = ?", try integer("SELECT id FROM event_name WHERE name = ?", [event]) ?? -1)
        }
        if filter.since != nil || filter.until != nil {
            let ids = try ids(since: filter.since, until: filter.until, run: nil)
            conditions.add("a.request_id >= ?", ids.lower)
            conditions.add("a.request_id < ?", ids.upper)
            conditions.add("a.requested_us >= ?", filter.since)
            conditions.add("a.requested_us < ?", filter.until)
        }
        var idColumn = "a.request_id"
        if let latency = filter.minLatencyMilliseconds {
            conditions.add("a.latency_ms >= ?", latency)
            // Few: by the index on the latency; many: in the order of ids.
            if try isSmall("SELECT 1 FROM ack WHERE latency_ms >= ?", [latency]) { idColumn = "+a.request_id" }
        }
        switch filter.status {
        case nil: break
        case .acked: conditions.add("a.status = 1")
        case let status?:
            // Said for the planner: the condition of the index ack_unanswered.
            conditions.add("a.status <> 1")
            conditions.add("a.status = ?", status.code)
            idColumn = "+a.request_id"
        }
        let sql = """
            SELECT a.*, n.name AS namespace, e.name AS event
            FROM ack a JOIN session s ON s.id = a.session_id JOIN namespace n ON n.id = s.namespace_id
            LEFT JOIN event_name e ON e.id = a.event_id
            """
        return try page(sql, conditions, id: idColumn, after, limit, AckRow.init, \.requestID)
    }

    public func attachments(of packet: Int64) throws -> [AttachmentRow] {
        if let broadcast = try broadcast(of: packet) {
            return try all("SELECT idx, length(data) AS bytes FROM broadcast_attachment WHERE broadcast_id = ? ORDER BY idx", [broadcast]) {
                AttachmentRow(packetID: packet, index: $0["idx"], bytes: $0["bytes"])
            }
        }
        return try all("SELECT idx, length(data) AS bytes FROM packet_attachment WHERE packet_id = ? ORDER BY idx", [packet]) {
            AttachmentRow(packetID: packet, index: $0["idx"], bytes: $0["bytes"])
        }
    }

    public func attachment(of packet: Int64, index: Int) throws -> ByteBuffer? {
        if let broadcast = try broadcast(of: packet) {
            return try row("SELECT data FROM broadcast_attachment WHERE broadcast_id = ? AND idx = ?", [broadcast, index]).map(Self.bytes)
        }
        return try row("SELECT data FROM packet_attachment WHERE packet_id = ? AND idx = ?", [packet, index]).map(Self.bytes)
    }

    private static func bytes(_ row: Row) -> ByteBuffer { ByteBuffer(bytes: row[0] as Data) }

    private func broadcast(of packet: Int64) throws -> Int64? {
        guard let found = try self.packet(packet) else { return nil }
        return found.broadcastID
    }
}

extension AckRow {
    fileprivate init(_ row: Row) {
        requestID = row["request_id"]
        responseID = row["response_id"]
        sessionID = row["session_id"]
        namespace = row["namespace"]
        event = row["event"]
        direction = row["direction"] == 0 ? .in : .out
        ackID = row["ack_id"]
        requestedAt = UnixTime.text(row["requested_us"])
        ackedAt = (row["acked_us"] as Int64?).map(UnixTime.text)
        latencyMilliseconds = row["latency_ms"]
        status =
            switch row["status"] as Int64 {
            case 0: .pending
            case 1: .acked
            case 2: .timeout
            default: .lost
            }
    }
}
