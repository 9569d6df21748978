import Atomics
import NIOConcurrencyHelpers
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The way from the event loops to the writer's thread: a few bounded queues, a lock each, so that loops seldom meet.
///
/// Every record takes its ids from one sequence inside its queue's lock. So whoever reads the sequence first and takes the
/// queues afterwards has every record below what was read: `take` hands out whole beginnings of the sequence, and what is on
/// the tape never has a hole that is filled later.
final class RecordQueues: Sendable {
    struct Entry {
        let id: Int64
        let record: TapeRecord
    }

    struct Taken {
        /// By queue, each in ascending order of ids.
        var queues: [[Entry]]
        /// Records below this id are complete.
        var end: Int64
        var gap: TapeGap?
    }

    private struct Queue {
        var entries: [Entry] = []
        var bytes = 0
        var packets = 0
        var gap: TapeGap?
    }

    private let queues: [NIOLockedValueBox<Queue>]
    private let sequence: ManagedAtomic<Int64>
    private let maxBytes: Int
    private let maxRecords: Int
    private let wakeAt: Int
    private let wake: @Sendable () -> Void
    private let onLoss: @Sendable () -> Void
    /// Uptime in nanoseconds; 0: never.
    private let lastLoss = ManagedAtomic<UInt64>(0)
    /// The writer sleeps without a time limit, so the next record has to wake it.
    private let isIdle = ManagedAtomic<Bool>(false)
    private let isClosed = ManagedAtomic<Bool>(false)

    private static let count = 8

    /// - Parameter wake: called when a queue has reached `wakeAt` records, and for the first record after `setIdle`.
    init(
        nextID: Int64, maxBytes: Int, maxRecords: Int, wakeAt: Int, wake: @escaping @Sendable () -> Void,
        onLoss: @escaping @Sendable () -> Void = {}
    ) {
        queues = (0..<Self.count).map { _ in NIOLockedValueBox(Queue()) }
        sequence = ManagedAtomic(nextID)
        self.maxBytes = maxBytes
        self.maxRecords = maxRecords
        self.wakeAt = max(1, wakeAt)
        self.wake = wake
        self.onLoss = onLoss
    }

    func append(_ original: TapeRecord) {
        if isClosed.load(ordering: .relaxed) { return }
        var record = original
        record.detach()
        let size = record.memorySize
        var isLost = false
        let count = queues[Self.queueOfThisThread].withLockedValue { queue -> Int in
            // What opens and closes things is small and others refer to it: it may use a reserve.
            let share = record.isStructural ? 2 : 1
            guard queue.entries.count < maxRecords * share, queue.bytes + size <= maxBytes * share else {
                queue.gap.add(packets: record.packetCount, at: record.at)
                isLost = true
                return 0
            }
            let id = sequence.loadThenWrappingIncrement(by: record.idCount, ordering: .relaxed)
            queue.entries.append(Entry(id: id, record: record))
            queue.bytes += size
            queue.packets += record.packetCount
            return queue.entries.count
        }
        if isLost {
            lastLoss.store(NIODeadline.now().uptimeNanoseconds, ordering: .relaxed)
            onLoss()
        }
        // Equal, not greater: one wake per filling.
        if count == wakeAt || (count > 0 && isIdle.load(ordering: .sequentiallyConsistent)) { wake() }
    }

    /// From now on nothing is taken in: nobody will come for it.
    func close() { isClosed.store(true, ordering: .sequentiallyConsistent) }

    /// All records there are; the given arrays, emptied, are used for those to come.
    func take(reusing spare: inout [[Entry]]) -> Taken {
        let end = sequence.load(ordering: .sequentiallyConsistent)
        var taken = Taken(queues: [], end: end, gap: nil)
        taken.queues.reserveCapacity(queues.count)
        for box in queues {
            var entries = spare.popLast() ?? []
            entries.removeAll(keepingCapacity: true)
            box.withLockedValue { queue in
                swap(&queue.entries, &entries)
                queue.bytes = 0
                queue.packets = 0
                if let gap = queue.gap {
                    taken.gap.add(packets: gap.packets, from: gap.from, to: gap.to)
                    queue.gap = nil
                }
            }
            taken.queues.append(entries)
        }
        return taken
    }

    /// The writer is about to sleep until woken; true if there is something after all.
    func setIdle() -> Bool {
        isIdle.store(true, ordering: .sequentiallyConsistent)
        let isWaiting = queues.contains { $0.withLockedValue { !$0.entries.isEmpty || $0.gap != nil } }
        if isWaiting { isIdle.store(false, ordering: .sequentiallyConsistent) }
        return isWaiting
    }

    func setBusy() { isIdle.store(false, ordering: .sequentiallyConsistent) }

    /// Packets that did not fit and of which the tape does not know yet.
    var lostPackets: Int { queues.reduce(0) { $0 + $1.withLockedValue { $0.gap?.packets ?? 0 } } }

    /// Something was lost within the last second.
    var isLosing: Bool {
        let last = lastLoss.load(ordering: .relaxed)
        return last != 0 && NIODeadline.now().uptimeNanoseconds < last + 1_000_000_000
    }

    /// Packets that wait, and those that did not fit.
    var packetCount: Int { queues.reduce(0) { $0 + $1.withLockedValue { $0.packets + ($0.gap?.packets ?? 0) } } }

    var recordCount: Int { queues.reduce(0) { $0 + $1.withLockedValue { $0.entries.count } } }

    /// Each thread has a queue of its own while there are enough of them: loops that share one would wait for each other.
    private static var queueOfThisThread: Int {
        if let known = pthread_getspecific(threadKey) { return Int(bitPattern: known) - 1 }
        let queue = nextQueue.loadThenWrappingIncrement(ordering: .relaxed) & (count - 1)
        pthread_setspecific(threadKey, UnsafeRawPointer(bitPattern: queue + 1))
        return queue
    }

    private static let nextQueue = ManagedAtomic<Int>(0)
    private static let threadKey: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()
}

extension TapeGap? {
    mutating func add(packets: Int, at: Int64) { add(packets: packets, from: at, to: at) }

    mutating func add(packets: Int, from: Int64, to: Int64) {
        guard let gap = self else {
            self = TapeGap(from: from, to: to, packets: packets, reason: TapeGap.queueFull)
            return
        }
        self = TapeGap(from: min(gap.from, from), to: max(gap.to, to), packets: gap.packets + packets, reason: gap.reason)
    }
}

extension TapeGap {
    static func held(_ error: String) -> String {
        "waiting in memory, because the disk refused it (\(error)); missing if the recording ended before this row was taken away"
    }

    static func unwritten(_ error: String) -> String { "the disk refused it until the recording ended: \(error)" }

    static let deleted = "the tape was deleted while it was recorded"
    static let queueFull = "the disk was slower than the traffic: the queue was full"
}

extension TapeRecord {
    /// Packets that the record stands for.
    var packetCount: Int {
        switch kind {
        case .packet, .enginePacket: 1
        case .delivery(_, let sessions): sessions.count
        default: 0
        }
    }

    /// Ids that the record takes from the sequence.
    var idCount: Int64 {
        switch kind {
        case .delivery(_, let sessions): Int64(max(1, sessions.count))
        default: 1
        }
    }

    /// A small payload in a large buffer, as the network's are, is copied: otherwise the bounds would not hold.
    mutating func detach() {
        guard case .packet(var packet) = kind, let payload = packet.payload,
            payload.storageCapacity > 4096, payload.readableBytes < payload.storageCapacity / 8
        else { return }
        packet.payload = ByteBuffer(bytes: payload.readableBytesView)
        kind = .packet(packet)
    }

    /// About what it holds in memory.
    var memorySize: Int {
        switch kind {
        case .packet(let packet):
            var size = 256 + (packet.payload?.readableBytes ?? 0)
            for attachment in packet.attachments { size += attachment.readableBytes }
            return size
        case .broadcast(let broadcast):
            var size = 256 + (broadcast.payload?.readableBytes ?? 0)
            for attachment in broadcast.attachments { size += attachment.readableBytes }
            return size
        case .delivery(_, let sessions): return 256 + 8 * sessions.count
        case .enginePacket(let packet): return 256 + (packet.payload?.readableBytes ?? 0)
        default: return 512
        }
    }

    var isStructural: Bool {
        switch kind {
        case .packet, .enginePacket, .delivery, .broadcast, .dropped: false
        default: true
        }
    }
}
