/// Name of a room. Each socket is in the room named by its own id from the start.
public typealias Room = String

/// Public id of a socket: 20 random characters, another one per namespace and connection.
public typealias SocketID = String

/// What the room table knows about the sockets it holds.
package protocol RoomMember: AnyObject {
    var id: SocketID { get }
    /// Which event loop the member lives on, as an index from 0.
    var lane: Int { get }
}

/// Who is in a namespace and in which rooms: a value, guarded by the namespace's lock.
///
/// Members of a room are kept in one array per event loop ("lane"), so that a broadcast only copies array references. Insertion appends,
/// removal swaps with the last, both in constant time by the index that each member's entry keeps per room.
/// The room named by a socket's own id is not stored: it is looked up among the sockets, which saves an array per socket.
package struct RoomTable<Member: RoomMember> {
    /// Members of a room, one array per lane.
    package struct Lanes {
        package fileprivate(set) var members: [[Member]] = []
        package fileprivate(set) var count = 0
    }

    /// A part of a broadcast: those on one lane. Members may stand in more than one of the arrays.
    package struct LaneSelection {
        package let lane: Int
        package var included: [[Member]]
        package var excluded: [[Member]]
    }

    fileprivate struct Entry {
        let member: Member
        /// Position in the list of all, once admitted.
        var indexOfAll: Int?
        var inOwnRoom: Bool
        /// Position in each room's lane.
        var rooms: [Room: Int] = [:]
    }

    private var entries: [SocketID: Entry] = [:]
    private var rooms: [Room: Lanes] = [:]
    private var all = Lanes()

    package init() {}

    /// How many members have been admitted.
    package var count: Int { all.count }
    /// How many rooms there are, own-id rooms left out.
    package var roomCount: Int { rooms.count }

    /// Whether nobody is known, admitted or not.
    package var isEmpty: Bool { entries.isEmpty }

    /// All admitted members.
    package var members: [Member] { all.members.flatMap { $0 } }

    /// The admitted member with this id.
    package func member(_ id: SocketID) -> Member? {
        guard let entry = entries[id], entry.indexOfAll != nil else { return nil }
        return entry.member
    }

    /// Makes a member known before it is admitted: it may join rooms already.
    package mutating func reserve(_ member: Member) {
        entries[member.id] = Entry(member: member, indexOfAll: nil, inOwnRoom: false)
    }

    /// Puts a reserved member among all, and into its own room.
    ///
    /// - Returns: the rooms it is in now, its own first; nothing if it was not reserved.
    package mutating func admit(_ member: Member) -> [Room] {
        guard var entry = entries[member.id], entry.indexOfAll == nil else { return [] }
        let earlier = entry.rooms.keys.sorted()
        entry.indexOfAll = all.append(member)
        entry.inOwnRoom = true
        entries[member.id] = entry
        return [member.id] + earlier
    }

    /// Forgets a member and takes it out of all rooms.
    ///
    /// - Returns: the rooms it was in, its own first.
    package mutating func remove(_ member: Member) -> [Room] {
        guard let entry = entries.removeValue(forKey: member.id) else { return [] }
        if let index = entry.indexOfAll, let moved = all.remove(at: index, lane: member.lane) {
            entries[moved.id]?.indexOfAll = index
        }
        let left = entry.rooms.keys.sorted()
        for room in left {
            if let index = entry.rooms[room] { removeMember(at: index, lane: member.lane, from: room) }
        }
        return entry.inOwnRoom ? [member.id] + left : left
    }

    /// - Returns: whether that changed anything; false for a member that is not known (any more).
    package mutating func join(_ member: Member, _ room: Room) -> Bool {
        guard let entry = entries[member.id] else { return false }
        if room == member.id, entry.indexOfAll != nil {
            guard !entry.inOwnRoom else { return false }
            entries[member.id]?.inOwnRoom = true
            return true
        }
        guard entry.rooms[room] == nil else { return false }
        entries[member.id]?.rooms[room] = rooms[room, default: Lanes()].append(member)
        return true
    }

    /// - Returns: whether that changed anything.
    package mutating func leave(_ member: Member, _ room: Room) -> Bool {
        guard let entry = entries[member.id] else { return false }
        if room == member.id, entry.inOwnRoom {
            entries[member.id]?.inOwnRoom = false
            return true
        }
        guard let index = entries[member.id]?.rooms.removeValue(forKey: room) else { return false }
        removeMember(at: index, lane: member.lane, from: room)
        return true
    }

    /// The rooms that a member is in, its own included; empty if it is not known.
    package func rooms(of id: SocketID) -> Set<Room> {
        guard let entry = entries[id] else { return [] }
        var rooms = Set(entry.rooms.keys)
        if entry.inOwnRoom { rooms.insert(id) }
        return rooms
    }

    /// How many rooms a member has joined, its own left out.
    package func joinedRoomCount(of id: SocketID) -> Int {
        entries[id]?.rooms.count ?? 0
    }

    /// The members of a room.
    package func members(of room: Room) -> [Member] {
        arrays(of: room).flatMap { $0.members }
    }

    /// Chooses the receivers of a broadcast, lane by lane.
    ///
    /// - Parameters:
    ///   - rooms: the union of these; all admitted members if empty.
    ///   - except: without those in any of these.
    package func select(rooms: [Room], except: [Room]) -> [LaneSelection] {
        var selections: [LaneSelection] = []
        if rooms.isEmpty {
            for (lane, members) in all.members.enumerated() where !members.isEmpty {
                selections.append(LaneSelection(lane: lane, included: [members], excluded: []))
            }
        } else {
            for room in rooms {
                for (lane, members) in arrays(of: room) {
                    if let index = selections.firstIndex(where: { $0.lane == lane }) {
                        selections[index].included.append(members)
                    } else {
                        selections.append(LaneSelection(lane: lane, included: [members], excluded: []))
                    }
                }
            }
        }
        guard !except.isEmpty else { return selections }
        for room in except {
            for (lane, members) in arrays(of: room) {
                if let index = selections.firstIndex(where: { $0.lane == lane }) { selections[index].excluded.append(members) }
            }
        }
        return selections
    }

    /// The non-empty lanes of a room, and the socket whose own room it is.
    private func arrays(of room: Room) -> [(lane: Int, members: [Member])] {
        var arrays: [(lane: Int, members: [Member])] = []
        if let lanes = rooms[room] {
            for (lane, members) in lanes.members.enumerated() where !members.isEmpty { arrays.append((lane, members)) }
        }
        if let entry = entries[room], entry.inOwnRoom { arrays.append((entry.member.lane, [entry.member])) }
        return arrays
    }

    private mutating func removeMember(at index: Int, lane: Int, from room: Room) {
        if let moved = rooms[room]?.remove(at: index, lane: lane) { entries[moved.id]?.rooms[room] = index }
        if rooms[room]?.count == 0 { rooms[room] = nil }
    }
}

extension RoomTable.Lanes {
    /// - Returns: the index in the member's lane.
    fileprivate mutating func append(_ member: Member) -> Int {
        while members.count <= member.lane { members.append([]) }
        members[member.lane].append(member)
        count += 1
        return members[member.lane].count - 1
    }

    /// - Returns: the member that has moved to `index`, if another one took the place.
    fileprivate mutating func remove(at index: Int, lane: Int) -> Member? {
        count -= 1
        let last = members[lane].removeLast()
        guard index < members[lane].count else { return nil }
        members[lane][index] = last
        return last
    }
}

extension RoomTable: Sendable where Member: Sendable {}
extension RoomTable.Lanes: Sendable where Member: Sendable {}
extension RoomTable.Entry: Sendable where Member: Sendable {}
extension RoomTable.LaneSelection: Sendable where Member: Sendable {}
