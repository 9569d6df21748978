import Testing

@testable import Tape

@Suite("Lists of receivers")
struct ReceiverListsTests {
    @Test("a room that is written to again needs no new list")
    func again() {
        var lists = ReceiverLists(nextID: 5)
        let (part, additions) = lists.part(for: [1, 2, 3])
        #expect(part == ReceiverLists.Part(list: 5, length: 3, omitted: []))
        #expect(additions.map(\.session) == [1, 2, 3])
        #expect(lists.part(for: [1, 2, 3]) == (part, []))
    }

    @Test("a sender that is left out is a remark, a newcomer an addition")
    func changes() {
        var lists = ReceiverLists(nextID: 1)
        _ = lists.part(for: Array(1...10))
        #expect(lists.part(for: [1, 2, 3, 5, 6, 7, 8, 9, 10]) == (ReceiverLists.Part(list: 1, length: 10, omitted: [3]), []))
        #expect(
            lists.part(for: Array(1...11))
                == (ReceiverLists.Part(list: 1, length: 11, omitted: []), [ReceiverLists.Addition(list: 1, position: 10, session: 11)]))
        #expect(lists.part(for: Array(1...10)) == (ReceiverLists.Part(list: 1, length: 10, omitted: []), []))
        #expect(lists.part(for: Array(2...9) + [12]).part == ReceiverLists.Part(list: 1, length: 12, omitted: [0, 9, 10]))
    }

    @Test("another room is another list")
    func other() {
        var lists = ReceiverLists(nextID: 1)
        _ = lists.part(for: [1, 2, 3, 4])
        #expect(lists.part(for: [5, 6, 7, 8]).part.list == 2)
        #expect(lists.part(for: [1, 2, 6]).part.list == 3)
    }

    @Test("unfolds to the receivers it was asked for, whatever they were")
    func property() {
        var generator = SystemRandomNumberGenerator()
        var lists = ReceiverLists(nextID: 1)
        var stored: [Int64: [Int: Int64]] = [:]
        var room = Set<Int64>(1...20)
        var rows = 0
        for round in 0..<2000 {
            if Bool.random(using: &generator) { room.insert(Int64.random(in: 1...200, using: &generator)) }
            if room.count > 3, Bool.random(using: &generator) { room.remove(room.randomElement(using: &generator)!) }
            var receivers = room
            if round % 3 == 0 { receivers.remove(receivers.first!) }
            let sorted = receivers.sorted()
            let (part, additions) = lists.part(for: sorted)
            for addition in additions {
                #expect(stored[addition.list, default: [:]].updateValue(addition.session, forKey: addition.position) == nil)
                rows += 1
            }
            let unfolded = (0..<part.length).filter { !part.omitted.contains($0) }.compactMap { stored[part.list]?[$0] }
            #expect(unfolded == sorted)
            if round == 1000 { lists.forget() }
        }
    }
}
