import NIOCore
import Testing

@testable import SocketIO

@Suite struct DeadlineHeapTests {
    @Test("Deadlines come out in order, and not before their time")
    func order() {
        var heap = DeadlineHeap<Int>()
        let times = (0..<500).map { _ in Int64.random(in: 0..<100) }
        for time in times { heap.insert(Int(time), at: .uptimeNanoseconds(UInt64(time))) }
        #expect(heap.first == .uptimeNanoseconds(UInt64(times.min() ?? 0)))
        var taken: [Int] = []
        while let token = heap.popDue(.uptimeNanoseconds(49)) { taken.append(token) }
        #expect(taken == times.map(Int.init).filter { $0 <= 49 }.sorted())
        while let token = heap.popDue(.uptimeNanoseconds(1000)) { taken.append(token) }
        #expect(taken == times.map(Int.init).sorted())
        #expect(heap.count == 0)
    }

    @Test("Settled deadlines are swept out, the others stay in order")
    func sweep() {
        var heap = DeadlineHeap<Int>()
        for time in (0..<100).shuffled() { heap.insert(time, at: .uptimeNanoseconds(UInt64(time))) }
        heap.removeAll { $0 % 2 == 0 }
        #expect(heap.count == 50)
        var taken: [Int] = []
        while let token = heap.popDue(.uptimeNanoseconds(1000)) { taken.append(token) }
        #expect(taken == (0..<100).filter { $0 % 2 == 1 })
    }
}
