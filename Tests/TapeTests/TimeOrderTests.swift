import Testing

@testable import Tape

/// Times are found by ids, which event loops take a moment after the time.
@Suite("Times that are not in the order of ids")
struct TimeOrderTests {
    @Test("are noted by how far they go back at most, rounded up, and once")
    func order() {
        var order = TimeOrder()
        for at: Int64 in [100, 200, 150, 300] { order.note(at) }
        #expect(order.unstored == 64)
        order.didCommit()
        order.note(250)
        #expect(order.unstored == nil, "64 covers 50")
        order.note(400)
        order.note(300)
        #expect(order.unstored == 128)
        order.didRollBack()
        order.note(290)
        #expect(order.unstored == 128, "what was rolled back may come again")
    }

    @Test("do not count as disorder when a batch comes a second time")
    func again() {
        var order = TimeOrder()
        order.note(1000)
        order.didCommit()
        for _ in 1...2 {
            order.note(2000)
            order.note(3000)
            order.didRollBack()
        }
        #expect(order.unstored == nil)
    }

    @Test("are found all the same, however far they stand from their place")
    func found() async throws {
        let folder = TapeFolder()
        var records = connected(1)
        // Every hundredth packet is a minute late at its id.
        for index in 1...2000 {
            let at = Int64(index) * 1_000_000 - (index % 100 == 0 ? 60_000_000 : 0)
            records.append(packet(1, 1, .in, at: max(0, at), event: "tick", "[\"tick\",\(index)]"))
        }
        try await writeTape(folder.tape, records)
        #expect(try rows(folder.tape, "SELECT disorder_us FROM run") == ["\(1 << 26)"])
        let reader = try TapeReader(path: folder.tape)
        var total = 0
        for second: Int64 in [0, 39, 40, 41, 777, 940, 1000, 1939, 1999] {
            var filter = PacketFilter()
            filter.event = "tick"
            filter.since = start + second * 1_000_000
            filter.until = start + (second + 1) * 1_000_000
            let found = try await reader.read(within: .seconds(30)) { [filter] in try $0.packets(filter, limit: 1000).items.map(\.id) }
            let expected = try rows(
                folder.tape,
                "SELECT id FROM packets WHERE event = 'tick' AND at_us >= \(start + second * 1_000_000) AND at_us < \(start + (second + 1) * 1_000_000)"
            )
            #expect(found.map(String.init) == expected)
            total += expected.count
        }
        #expect(total == 9, "the shifted ones among them")
    }
}
