/// Takes over the deliveries of broadcasts to the sessions that were chosen.
///
/// A delivery stands for packets with ids in a row. Where some of its receivers are cut away it falls into pieces, so that each
/// packet that is kept also keeps its id.
final class BroadcastCut {
    private let connection: SQLiteConnection
    private let selection: TapeSelection
    private var chosen: Set<Int64> = []
    private var lists: [Int64: [Int64]] = [:]
    private var copied: Set<Int64> = []
    private var newLists = ReceiverLists(nextID: 1)

    init(_ connection: SQLiteConnection, _ selection: TapeSelection) {
        self.connection = connection
        self.selection = selection
    }

    func copy() throws(SQLiteError) {
        let sessions = try connection.prepare("SELECT id FROM chosen")
        while try sessions.step() { chosen.insert(sessions.integer(0)) }
        guard !chosen.isEmpty else { return }
        let event = selection.events.isEmpty ? "" : "AND b.event_id IN (SELECT id FROM chosen_event)"
        let deliveries = try connection.prepare(
            """
            SELECT d.id, d.broadcast_id, d.at_us, d.list_id, d.length, d.omitted FROM src.delivery d
            JOIN src.broadcast b ON b.id = d.broadcast_id
            WHERE true \(event) \(TapeCut.span("d.at_us", selection)) ORDER BY d.id
            """)
        let insertReceiver = try connection.prepare("INSERT INTO receiver (list_id, position, session_id) VALUES (?1, ?2, ?3)")
        let insertDelivery = try connection.prepare(
            "INSERT INTO delivery (id, broadcast_id, at_us, list_id, length, omitted) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        while try deliveries.step() {
            let receivers = try receivers(
                of: deliveries.integer(3), length: Int(deliveries.integer(4)), omitted: deliveries.text(5))
            for piece in pieces(of: receivers) {
                let (part, additions) = newLists.part(for: Array(receivers[piece]))
                for addition in additions {
                    insertReceiver.bind(1, addition.list)
                    insertReceiver.bind(2, Int64(addition.position))
                    insertReceiver.bind(3, addition.session)
                    try insertReceiver.run()
                }
                insertDelivery.bind(1, deliveries.integer(0) + Int64(piece.lowerBound))
                insertDelivery.bind(2, deliveries.integer(1))
                insertDelivery.bind(3, deliveries.integer(2))
                insertDelivery.bind(4, part.list)
                insertDelivery.bind(5, Int64(part.length))
                insertDelivery.bind(6, part.omitted.isEmpty ? nil : JSONText.array(part.omitted))
                try insertDelivery.run()
            }
        }
        try connection.execute(
            """
            INSERT INTO broadcast SELECT * FROM src.broadcast WHERE id IN (SELECT broadcast_id FROM delivery);
            INSERT INTO broadcast_attachment SELECT a.* FROM src.broadcast_attachment a JOIN broadcast b ON b.id = a.broadcast_id;
            """)
    }

    /// Receivers that were chosen and stand next to each other.
    private func pieces(of receivers: [Int64]) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        for (index, receiver) in receivers.enumerated() where chosen.contains(receiver) {
            if let last = pieces.last, last.upperBound == index {
                pieces[pieces.count - 1] = last.lowerBound..<index + 1
            } else {
                pieces.append(index..<index + 1)
            }
        }
        return pieces
    }

    /// In the order of their packets' ids.
    private func receivers(of list: Int64, length: Int, omitted: String?) throws(SQLiteError) -> [Int64] {
        if lists[list] == nil {
            if lists.count > 1000 { lists.removeAll() }
            let statement = try connection.prepare("SELECT session_id FROM src.receiver WHERE list_id = ?1 ORDER BY position")
            statement.bind(1, list)
            var sessions: [Int64] = []
            while try statement.step() { sessions.append(statement.integer(0)) }
            lists[list] = sessions
        }
        let all = (lists[list] ?? []).prefix(length)
        guard let omitted else { return Array(all) }
        let left = Set(omitted.dropFirst().dropLast().split(separator: ",").compactMap { Int($0) })
        return all.enumerated().filter { !left.contains($0.offset) }.map(\.element)
    }
}
