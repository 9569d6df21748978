import Testing

@testable import SocketIO

@Suite struct RoomTableTests {
    final class Member: RoomMember {
        let id: SocketID
        let lane: Int

        init(_ id: SocketID, lane: Int = 0) {
            self.id = id
            self.lane = lane
        }
    }

    func admitted(_ members: Member..., in table: inout RoomTable<Member>) {
        for member in members {
            table.reserve(member)
            _ = table.admit(member)
        }
    }

    @Test("A member is in the room of its own id from the start")
    func ownRoom() {
        var table = RoomTable<Member>()
        let a = Member("a")
        table.reserve(a)
        #expect(table.rooms(of: "a").isEmpty)
        #expect(table.admit(a) == ["a"])
        #expect(table.rooms(of: "a") == ["a"])
        #expect(table.members(of: "a").map(\.id) == ["a"])
        #expect(table.leave(a, "a") == true)
        #expect(table.members(of: "a").isEmpty)
        #expect(table.leave(a, "a") == false)
        #expect(table.join(a, "a") == true)
        #expect(table.members(of: "a").map(\.id) == ["a"])
    }

    @Test("Rooms joined before admission count from then on")
    func earlyRooms() {
        var table = RoomTable<Member>()
        let a = Member("a")
        table.reserve(a)
        #expect(table.join(a, "lobby") == true)
        #expect(table.admit(a) == ["a", "lobby"])
        #expect(table.rooms(of: "a") == ["a", "lobby"])
    }

    @Test("Nobody joins who is not there any more")
    func ghost() {
        var table = RoomTable<Member>()
        let a = Member("a")
        admitted(a, in: &table)
        #expect(table.join(a, "r") == true)
        #expect(table.join(a, "r") == false)
        #expect(table.remove(a) == ["a", "r"])
        #expect(table.join(a, "r") == false)
        #expect(table.roomCount == 0)
        #expect(table.count == 0)
        #expect(table.remove(a) == [])
    }

    @Test("A room named like another member's id reaches both")
    func foreignOwnRoom() {
        var table = RoomTable<Member>()
        let a = Member("a")
        let b = Member("b", lane: 1)
        admitted(a, b, in: &table)
        #expect(table.join(b, "a") == true)
        #expect(Set(table.members(of: "a").map(\.id)) == ["a", "b"])
    }

    @Test("A selection has one part per lane, with overlapping rooms side by side")
    func selection() {
        var table = RoomTable<Member>()
        let a = Member("a")
        let b = Member("b")
        let c = Member("c", lane: 2)
        admitted(a, b, c, in: &table)
        for member in [a, b, c] { _ = table.join(member, "r") }
        _ = table.join(a, "s")
        let all = table.select(rooms: [], except: ["b"])
        #expect(all.map(\.lane) == [0, 2])
        #expect(all[0].included.map { $0.map(\.id) } == [["a", "b"]])
        #expect(all[0].excluded.map { $0.map(\.id) } == [["b"]])
        #expect(all[1].excluded.isEmpty)
        let union = table.select(rooms: ["s", "r"], except: [])
        #expect(union.map(\.lane) == [0, 2])
        #expect(union[0].included.map { $0.map(\.id) } == [["a"], ["a", "b"]])
        #expect(table.select(rooms: ["nobody"], except: []).isEmpty)
    }

    @Test("Random joins, leaves and removals agree with plain sets")
    func agreesWithSets() {
        var generator = SystemRandomNumberGenerator()
        var table = RoomTable<Member>()
        var reference: [String: Set<Room>] = [:]
        let members = (0..<40).map { Member("m\($0)", lane: $0 % 3) }
        for step in 0..<20_000 {
            let member = members[Int.random(in: 0..<members.count, using: &generator)]
            let room = "r\(Int.random(in: 0..<8, using: &generator))"
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                if reference[member.id] == nil {
                    table.reserve(member)
                    _ = table.admit(member)
                    reference[member.id] = [member.id]
                }
            case 1 where step % 3 == 0:
                let left = table.remove(member)
                #expect(Set(left) == reference[member.id] ?? [])
                reference[member.id] = nil
            case 1...5:
                let joined = table.join(member, room)
                #expect(joined == (reference[member.id].map { !$0.contains(room) } ?? false))
                reference[member.id]?.insert(room)
            default:
                let left = table.leave(member, room)
                #expect(left == (reference[member.id]?.contains(room) ?? false))
                reference[member.id]?.remove(room)
            }
        }
        #expect(Set(table.members.map(\.id)) == Set(reference.keys))
        for member in members { #expect(table.rooms(of: member.id) == reference[member.id] ?? []) }
        for number in 0..<8 {
            let room = "r\(number)"
            let expected = Set(reference.filter { $0.value.contains(room) }.keys)
            #expect(Set(table.members(of: room).map(\.id)) == expected)
            #expect(table.members(of: room).count == expected.count)
        }
    }
}
