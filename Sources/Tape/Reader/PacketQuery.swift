import GRDB

/// A packet filter turned into statements, one for each place where packets are.
struct PacketQuery {
    struct Arm {
        var sql: String
        var arguments: [any DatabaseValueConvertible]
    }

    /// The event's id, if the filter names one.
    private(set) var event: Int64?
    /// Ids outside are too early or too late.
    private(set) var ids = Window.all
    /// Of deliveries: they are packets to clients, of sessions.
    private(set) var wantsDeliveries: Bool

    private let filter: PacketFilter
    /// The highest ids first.
    private let isDescending: Bool
    private let namespace: Int64?
    private let rooms: [Int64]
    /// If they are few: the sessions that packets must belong to.
    private let sessions: [Int64]?
    /// If they are few: the packets whose ack is as wanted, as a JSON array.
    private let asked: String?
    private let socketType: Int64?
    private let engineType: Int64?

    /// Nil: nothing can pass the filter, for it names what the tape does not know.
    init?(_ filter: PacketFilter, _ tape: TapeSnapshot, isDescending: Bool = false) throws {
        self.filter = filter
        self.isDescending = isDescending
        namespace = try filter.namespace.flatMap { try tape.integer("SELECT id FROM namespace WHERE name = ?", [$0]) }
        event = try filter.event.flatMap { try tape.integer("SELECT id FROM event_name WHERE name = ?", [$0]) }
        rooms = try filter.room.map { try tape.all("SELECT id FROM room WHERE name = ?", [$0]) { $0[0] as Int64 } } ?? []
        socketType = filter.type.flatMap { TapePacketType(rawValue: $0)?.code }
        engineType = filter.type.flatMap { TapeEnginePacketType(rawValue: $0)?.code }
        if filter.namespace != nil, namespace == nil { return nil }
        if filter.event != nil, event == nil { return nil }
        if filter.room != nil, rooms.isEmpty { return nil }
        if filter.type != nil, socketType == nil, engineType == nil { return nil }

        if let session = filter.session {
            sessions = [session]
        } else if let connection = filter.connection {
            sessions = try tape.all("SELECT id FROM session WHERE connection_id = ?", [connection]) { $0[0] }
        } else if !rooms.isEmpty {
            let marks = rooms.map { _ in "?" }.joined(separator: ",")
            let found: [Int64] = try tape.all("SELECT DISTINCT session_id FROM room_change WHERE room_id IN (\(marks)) LIMIT 41", rooms) {
                $0[0]
            }
            sessions = found.count <= 40 ? found : nil
        } else {
            sessions = nil
        }
        asked = try Self.asked(filter, tape)
        wantsDeliveries =
            filter.direction != .in && filter.layer != .engine && (filter.type == nil || socketType != nil)
        if let asked, wantsDeliveries {
            // Broadcasts with acks are rare; all other questions are packets of their own.
            wantsDeliveries =
                try tape.integer("SELECT EXISTS (SELECT 1 FROM json_each(?) WHERE value NOT IN (SELECT id FROM packet))", [asked]) == 1
        }
        ids = try tape.ids(since: filter.since, until: filter.until, run: filter.run)
    }

    /// The packets asked for are few and found by an index, or all of them.
    var isIndexed: Bool { sessions != nil || filter.broadcast != nil || (asked != nil && !wantsDeliveries) }

    /// The packets whose ack is as the filter wants it, if it wants that and they are few.
    private static func asked(_ filter: PacketFilter, _ tape: TapeSnapshot) throws -> String? {
        var conditions = Conditions()
        conditions.add("latency_ms >= ?", filter.minAckMilliseconds)
        if let status = filter.ackStatus, status != .acked { conditions.add("status <> 1 AND status = ?", status.code) }
        guard !conditions.terms.isEmpty, try tape.isSmall("SELECT 1 FROM ack\(conditions.sql)", conditions.arguments) else { return nil }
        let ids: [Int64] = try tape.all("SELECT request_id FROM ack\(conditions.sql)", conditions.arguments) { $0[0] }
        return "[\(ids.map(String.init).joined(separator: ","))]"
    }

    private var wantsPackets: Bool { filter.layer != .engine && filter.broadcast == nil && (filter.type == nil || socketType != nil) }
    private var wantsConnectionPackets: Bool {
        filter.session == nil && filter.room == nil && filter.broadcast == nil && filter.ackStatus == nil
            && filter.minAckMilliseconds == nil
    }

    /// The id of a packet of delivery `d` at position `r` of its list.
    static let deliveredID =
        "d.id + r.position - CASE WHEN d.omitted IS NULL THEN 0 ELSE (SELECT count(*) FROM json_each(d.omitted) WHERE value < r.position) END"
    /// Delivery `d` did not leave out position `r` of its list.
    static let wasDelivered = "d.omitted IS NULL OR r.position NOT IN (SELECT value FROM json_each(d.omitted))"

    /// All but the deliveries.
    func arms(_ ids: Window, count: Int) -> [Arm] {
        var arms: [Arm] = []
        if wantsPackets {
            if let sessions {
                arms += sessions.map { packets(ids, session: $0, count: count) }
            } else {
                arms.append(packets(ids, session: nil, count: count))
            }
        }
        if wantsConnectionPackets { arms.append(connectionPackets(ids, count: count)) }
        return arms
    }

    private func packets(_ ids: Window, session: Int64?, count: Int) -> Arm {
        var conditions = Conditions()
        conditions.add("p.session_id = ?", session)
        conditions.add("p.id >= ?", ids.lower)
        conditions.add("p.id < ?", ids.upper)
        // The packets of a socket that was not accepted belong to no session.
        if filter.session != nil { conditions.add("s.connected_us IS NOT NULL") }
        addCommon(&conditions, table: "p")
        conditions.add("s.namespace_id = ?", namespace)
        conditions.add("s.run_id = ?", filter.run)
        conditions.add("p.type = ?", socketType)
        conditions.add("p.event_id = ?", event)
        conditions.add("p.direction = ?", filter.direction?.code)
        addRooms(&conditions, session: "p.session_id", id: "p.id")
        if session == nil { conditions.add("p.id IN (SELECT value FROM json_each(?))", asked) }
        addAcks(&conditions, id: "p.id", ack: "p.ack_id")
        let sql = """
            SELECT p.id, s.run_id, s.connection_id, CASE WHEN s.connected_us IS NOT NULL THEN s.id END, p.at_us, p.direction, 1, p.type,
                n.name, e.name, p.ack_id, p.payload, p.attachments, p.bytes, NULL, p.recovery_offset
            FROM packet p \(session == nil ? "NOT INDEXED" : "INDEXED BY packet_session")
            CROSS JOIN session s ON s.id = p.session_id
            CROSS JOIN namespace n ON n.id = s.namespace_id
            LEFT JOIN event_name e ON e.id = p.event_id
            """
        return Arm(
            sql: sql + conditions.sql + " ORDER BY p.id\(isDescending ? " DESC" : "") LIMIT \(count)", arguments: conditions.arguments)
    }

    private func connectionPackets(_ ids: Window, count: Int) -> Arm {
        var conditions = Conditions()
        conditions.add("p.connection_id = ?", filter.connection)
        conditions.add("p.id >= ?", ids.lower)
        conditions.add("p.id < ?", ids.upper)
        addCommon(&conditions, table: "p")
        conditions.add("p.namespace_id = ?", namespace)
        conditions.add("c.run_id = ?", filter.run)
        conditions.add("p.event_id = ?", event)
        conditions.add("p.direction = ?", filter.direction?.code)
        switch filter.layer {
        case .engine?: conditions.add("p.layer = 0")
        case .socket?: conditions.add("p.layer = 1")
        case nil: break
        }
        if let socketType { conditions.add("p.layer = 1 AND p.type = ?", socketType) }
        if let engineType { conditions.add("p.layer = 0 AND p.type = ?", engineType) }
        if !filter.includesHeartbeats, engineType == nil {
            // Probes are pings and pongs too, but those with a payload.
            conditions.add("NOT (p.layer = 0 AND p.type IN (2, 3) AND p.payload IS NULL)")
        }
        let sql = """
            SELECT p.id, c.run_id, p.connection_id, NULL, p.at_us, p.direction, p.layer, p.type,
                n.name, e.name, p.ack_id, p.payload, p.attachments, p.bytes, NULL, NULL
            FROM connection_packet p \(filter.connection == nil ? "NOT INDEXED" : "INDEXED BY connection_packet_connection")
            CROSS JOIN connection c ON c.id = p.connection_id
            LEFT JOIN namespace n ON n.id = p.namespace_id
            LEFT JOIN event_name e ON e.id = p.event_id
            """
        return Arm(
            sql: sql + conditions.sql + " ORDER BY p.id\(isDescending ? " DESC" : "") LIMIT \(count)", arguments: conditions.arguments)
    }

    /// - Parameters:
    ///   - range: of the ids of deliveries' first packets.
    ///   - above: the packets' own ids are higher.
    ///   - below: and lower than this.
    func deliveryArms(_ range: Window, above: Int64, below: Int64? = nil, count: Int, _ tape: TapeSnapshot) throws -> [Arm] {
        guard let sessions else { return [deliveries(range, above: above, below: below, of: .all, count: count)] }
        return try sessions.flatMap { session in
            // A session on few lists: each of them in order, as far as the page needs. On many: all that they got, if that is little.
            let places: [Recipients] = try tape.all(
                "SELECT list_id, position FROM receiver WHERE session_id = ? LIMIT \(Self.fewLists + 1)", [session]
            ) { .place(list: $0[0], position: $0[1]) }
            if places.count <= Self.fewLists {
                return places.map { deliveries(range, above: above, below: below, of: $0, count: count) }
            }
            let isSmall = try tape.isSmall(
                "SELECT 1 FROM receiver r CROSS JOIN delivery d ON d.list_id = r.list_id AND d.id >= ? WHERE r.session_id = ?",
                [range.lower, session])
            return [deliveries(range, above: above, below: below, of: isSmall ? .lists(of: session) : .session(session), count: count)]
        }
    }

    private static let fewLists = 16

    /// Whose deliveries, and from which end they are found.
    private enum Recipients {
        case all
        /// One place on one list: always the same session.
        case place(list: Int64, position: Int64)
        /// By the lists that a session is on.
        case lists(of: Int64)
        /// By the deliveries, in their order.
        case session(Int64)
    }

    private func deliveries(_ range: Window, above: Int64, below: Int64?, of recipients: Recipients, count: Int) -> Arm {
        let id = Self.deliveredID
        var conditions = Conditions()
        switch recipients {
        case .all: break
        case .place(let list, let position):
            conditions.add("r.list_id = ?", list)
            conditions.add("r.position = ?", position)
        case .lists(let session), .session(let session): conditions.add("r.session_id = ?", session)
        }
        conditions.add("d.id >= ?", range.lower)
        conditions.add("d.id < ?", range.upper)
        conditions.add(Self.wasDelivered)
        conditions.add("\(id) > ?", above)
        conditions.add("\(id) < ?", below)
        conditions.add("d.broadcast_id = ?", filter.broadcast)
        addCommon(&conditions, table: "b", time: "d.at_us")
        conditions.add("b.namespace_id = ?", namespace)
        conditions.add("s.run_id = ?", filter.run)
        conditions.add("s.connection_id = ?", filter.connection)
        conditions.add("b.type = ?", socketType)
        conditions.add("b.event_id = ?", event)
        addRooms(&conditions, session: "r.session_id", id: "d.id")
        addAcks(&conditions, id: id, ack: "b.ack_id")
        let (join, order) = join(recipients)
        let sql = """
            SELECT \(id), s.run_id, s.connection_id, r.session_id, d.at_us, 1, 1, b.type,
                n.name, e.name, b.ack_id, b.payload, b.attachments, b.bytes, d.broadcast_id, b.recovery_offset
            FROM \(join)
            CROSS JOIN broadcast b ON b.id = d.broadcast_id
            CROSS JOIN session s ON s.id = r.session_id
            CROSS JOIN namespace n ON n.id = b.namespace_id
            LEFT JOIN event_name e ON e.id = b.event_id
            """
        return Arm(sql: sql + conditions.sql + " ORDER BY \(order) LIMIT \(count)", arguments: conditions.arguments)
    }

    private func join(_ recipients: Recipients) -> (tables: String, order: String) {
        let matching = "d.list_id = r.list_id AND r.position < d.length"
        // Ascending positions are ascending ids within a delivery.
        let byDelivery = isDescending ? "d.id DESC, r.position DESC" : "d.id, r.position"
        switch recipients {
        case .place:
            return ("receiver r CROSS JOIN delivery d INDEXED BY delivery_list ON \(matching)", isDescending ? "d.id DESC" : "d.id")
        case .lists: return ("receiver r CROSS JOIN delivery d ON \(matching)", isDescending ? "1 DESC" : "1")
        case .all where filter.broadcast != nil, .session where filter.broadcast != nil:
            return ("delivery d INDEXED BY delivery_broadcast CROSS JOIN receiver r ON \(matching)", byDelivery)
        case .all, .session: return ("delivery d CROSS JOIN receiver r ON \(matching)", byDelivery)
        }
    }

    private func addCommon(_ conditions: inout Conditions, table: String, time: String? = nil) {
        conditions.add("\(time ?? table + ".at_us") >= ?", filter.since)
        conditions.add("\(time ?? table + ".at_us") < ?", filter.until)
        if let text = filter.text {
            let escaped = text.reduce(into: "") { $0 += "%_\\".contains($1) ? "\\\($1)" : String($1) }
            conditions.add(#"\#(table).payload LIKE ? ESCAPE '\'"#, "%\(escaped)%")
        }
    }

    /// What became of the ack that the packet asked for.
    private func addAcks(_ conditions: inout Conditions, id: String, ack: String) {
        if let status = filter.ackStatus {
            conditions.add("\(ack) IS NOT NULL AND (SELECT k.status FROM ack k WHERE k.request_id = \(id)) = ?", status.code)
        }
        if let latency = filter.minAckMilliseconds {
            conditions.add("\(ack) IS NOT NULL AND (SELECT k.latency_ms FROM ack k WHERE k.request_id = \(id)) >= ?", latency)
        }
    }

    /// The session's last change in one of the rooms before the packet was a join.
    private func addRooms(_ conditions: inout Conditions, session: String, id: String) {
        guard !rooms.isEmpty else { return }
        if sessions == nil {
            // First, and quickly: who never was in one of them.
            let marks = rooms.map { _ in "?" }.joined(separator: ",")
            conditions.add("\(session) IN (SELECT y.session_id FROM room_change y WHERE y.room_id IN (\(marks)))", values: rooms)
        }
        let term = """
            (SELECT x.action FROM room_change x INDEXED BY room_change_session
             WHERE x.session_id = \(session) AND x.room_id = ? AND x.id <= \(id) ORDER BY x.id DESC LIMIT 1) = 1
            """
        conditions.add(rooms.map { _ in term }.joined(separator: " OR "), values: rooms)
    }
}
