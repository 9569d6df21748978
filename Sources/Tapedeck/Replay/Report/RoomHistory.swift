import SocketIOWire

/// Which rooms were there at a moment of the recording, to say of a broadcast where it went. A tape holds the recipients of a broadcast,
/// not the room that was named; the room is found by its members.
struct RoomHistory {
    private let changes: [Recording.RoomChange]

    init(recording: Recording) { changes = recording.roomChanges }

    /// A room of `namespace` that held just `recipients` (socket ids) when a broadcast went out, or all of them and its sender. Where
    /// several did, one whose name stands in `hints`.
    func room(namespace: String, recipients: Set<String>, sender: String?, before packetID: Int64, hints: [JSONValue]) -> String? {
        var members: [String: Set<String>] = [:]
        for change in changes where change.namespace == namespace && change.id < packetID {
            if change.isJoin { members[change.room, default: []].insert(change.sid) } else { members[change.room]?.remove(change.sid) }
        }
        let withSender = sender.map { recipients.union([$0]) }
        var found: [String] = []
        for (room, sids) in members where sids == recipients || sids == withSender {
            // the room that every socket has for itself
            if sids.contains(room), sids.count == 1 { continue }
            found.append(room)
        }
        let named = found.filter { room in hints.contains { $0 == .string(room) } }
        return named.sorted().first ?? (found.count == 1 ? found.first : nil)
    }
}
