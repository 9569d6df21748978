import NIOConcurrencyHelpers
import SocketIOWire
import Testing

@testable import SocketIO

@Suite struct AckTableTests {
    @Test("An ack is settled once; unknown and late ids find nothing")
    func once() {
        var table = AckTable()
        table.insert(0) { _ in }
        #expect(table.isWaiting(for: 0))
        #expect(table.remove(1) == nil)
        #expect(table.remove(0) != nil)
        #expect(table.remove(0) == nil)
        #expect(!table.isWaiting(for: 0))
    }

    @Test("All pending acks come out in the order of their ids")
    func all() {
        let settled = NIOLockedValueBox<[UInt64]>([])
        var table = AckTable()
        for id: UInt64 in [7, 3, 5] { table.insert(id) { _ in settled.withLockedValue { $0.append(id) } } }
        for completion in table.removeAll() { completion(.failure(.disconnected)) }
        #expect(settled.withLockedValue { $0 } == [3, 5, 7])
        #expect(table.count == 0)
    }
}
