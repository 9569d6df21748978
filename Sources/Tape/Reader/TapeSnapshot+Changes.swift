import GRDB

/// Something that happened on a tape; ids are of the common sequence, so they tell what came before what.
public enum TapeChange: Sendable, Equatable {
    case packet(PacketRow)
    case roomChange(RoomChangeRow)
    /// A session began or ended. A session is in the room of its own id as long as it lives: this stands for that room's change.
    case session(id: Int64, TapeRoomChange.Action, SessionRow)

    public var id: Int64 {
        switch self {
        case .packet(let row): row.id
        case .roomChange(let row): row.id
        case .session(let id, _, _): id
        }
    }
}

extension TapeSnapshot {
    /// What happened after an id, in the order of ids, and up to which id this is all.
    ///
    /// A CONNECT is on the tape before it is known whether the socket is accepted. Of one session, nothing is told until that is known:
    /// `upTo` then stays where it was.
    ///
    /// - Parameter filter: for packets; of the others those pass that it does not speak of, see `PacketFilter.acceptsOthers`.
    public func changes(_ filter: PacketFilter = PacketFilter(), after: Int64, limit: Int = 500) throws -> (
        items: [TapeChange], upTo: Int64
    ) {
        if let session = filter.session, try isUndecided(session) { return ([], after) }
        let last = max(after, try lastID())
        let packets = try packets(filter, after: after, limit: limit)
        var items = packets.items.map { TapeChange.packet($0) }
        var upTo = packets.next ?? last
        if filter.acceptsOthers {
            var wanted = RoomChangeFilter()
            wanted.session = filter.session
            wanted.namespace = filter.namespace
            wanted.room = filter.room
            wanted.since = filter.since
            wanted.until = filter.until
            let changes = try roomChanges(wanted, after: after, limit: limit)
            upTo = min(upTo, changes.next ?? last)
            for change in changes.items where change.id <= upTo {
                guard change.isOfSession || filter.connection != nil || filter.run != nil else {
                    items.append(.roomChange(change))
                    continue
                }
                let session = try session(change.sessionID)
                guard filter.connection == nil || session?.connectionID == filter.connection,
                    filter.run == nil || session?.runID == filter.run
                else { continue }
                guard let session, change.isOfSession else {
                    items.append(.roomChange(change))
                    continue
                }
                if change.action == .leave, session.disconnectedAt == nil {
                    // The end of the session is still on its way to the tape: it is told when it is there.
                    upTo = change.id - 1
                    break
                }
                items.append(.session(id: change.id, change.action, session))
            }
        }
        items = items.filter { $0.id <= upTo }
        items.sort { $0.id < $1.id }
        return (items, upTo)
    }

    /// A client has asked for a socket, which has neither been accepted nor refused yet.
    private func isUndecided(_ session: Int64) throws -> Bool {
        try integer(
            """
            SELECT EXISTS (
                SELECT 1 FROM session s
                CROSS JOIN connection c ON c.id = s.connection_id
                CROSS JOIN run r ON r.id = s.run_id
                WHERE s.id = ? AND s.connected_us IS NULL AND s.disconnected_us IS NULL AND c.closed_us IS NULL AND r.ended_us IS NULL
                AND NOT EXISTS (
                    SELECT 1 FROM packet p INDEXED BY packet_session
                    WHERE p.session_id = s.id AND p.type = \(TapePacketType.connectError.code)))
            """, [session]) == 1
    }
}

extension RoomChangeRow {
    /// The socket joined the room of its own id when it connected, or left it when it was disconnected.
    var isOfSession: Bool { room == sid && (cause == nil || cause == (action == .join ? "connect" : "disconnect")) }
}

extension PacketFilter {
    /// Whether the filter speaks of nothing that only packets have.
    public var acceptsOthers: Bool {
        event == nil && direction == nil && layer == nil && type == nil && text == nil && broadcast == nil
    }

    /// Whether a change passes, found out without the tape. A filter by room needs the tape, and is not looked at here.
    public func accepts(_ change: TapeChange) -> Bool {
        switch change {
        case .packet(let packet): accepts(packet)
        case .roomChange(let change):
            acceptsOthers && connection == nil && run == nil && matches(session, change.sessionID) && matches(namespace, change.namespace)
                && isWithin(change.atMicroseconds)
        case .session(_, _, let row):
            acceptsOthers && matches(session, row.id) && matches(namespace, row.namespace) && matches(connection, row.connectionID)
                && matches(run, row.runID) && since == nil && until == nil
        }
    }

    private func accepts(_ packet: PacketRow) -> Bool {
        guard matches(run, packet.runID), matches(connection, packet.connectionID), matches(session, packet.sessionID),
            matches(namespace, packet.namespace), matches(event, packet.event), matches(direction, packet.direction),
            matches(layer, packet.layer), matches(type, packet.type), matches(broadcast, packet.broadcastID),
            isWithin(packet.atMicroseconds)
        else { return false }
        if let text, !Self.contains(packet.data ?? "", text) { return false }
        let isHeartbeat = packet.layer == .engine && ["ping", "pong"].contains(packet.type) && packet.data == nil
        return !isHeartbeat || includesHeartbeats || type == packet.type
    }

    private func matches<Value: Equatable>(_ wanted: Value?, _ value: Value?) -> Bool { wanted == nil || wanted == value }

    private func isWithin(_ time: Int64) -> Bool { since.map { time >= $0 } ?? true && until.map { time < $0 } ?? true }

    /// As SQLite's LIKE compares: ASCII letters in either case, all else as it is.
    private static func contains(_ text: String, _ part: String) -> Bool {
        let (text, part) = (text.utf8.map(lowercased), part.utf8.map(lowercased))
        guard let first = part.first else { return true }
        guard text.count >= part.count else { return false }
        for start in 0...(text.count - part.count) where text[start] == first {
            if text[start..<(start + part.count)].elementsEqual(part) { return true }
        }
        return false
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }
}
