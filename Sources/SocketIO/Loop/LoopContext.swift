import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// What the sockets on one event loop share: the way onto the loop, its task executor, its deadlines.
///
/// Work from other threads is queued here and done in one scheduled drain, in order. Work from the loop itself is done in place, unless
/// something is queued: then it queues up too, so that a packet never overtakes an earlier one of the same sender.
///
/// Sendable by hand: `queue` is a lock, `hasQueued` an atomic, the rest is touched on the loop only (asserted).
final class LoopContext: @unchecked Sendable {
    let eventLoop: any EventLoop
    /// Index of the loop in this server, from 0.
    let lane: Int
    let executor: LoopTaskExecutor
    private let queue = NIOLockedValueBox<[@Sendable () -> Void]>([])
    /// True from the first queued piece of work until the drain is through.
    private let hasQueued = Atomic<Bool>(false)

    // On the loop only.
    private var clients: [UInt64: ClientConnection] = [:]
    private var deadlines = DeadlineHeap<DeadlineToken>()
    private var armed: (deadline: NIODeadline, timer: Scheduled<Void>)?
    private var settledDeadlines = 0
    /// Packets since the last report.
    private var counts = PacketCounts()
    private var isReportScheduled = false
    private let metrics: ServerMetrics

    init(eventLoop: any EventLoop, lane: Int, metrics: ServerMetrics) {
        self.metrics = metrics
        self.eventLoop = eventLoop
        self.lane = lane
        self.executor = LoopTaskExecutor(eventLoop: eventLoop)
    }

    /// Whether the caller may act in place: on the loop, with nothing waiting in the queue.
    @inline(__always) var isDirect: Bool {
        eventLoop.inEventLoop && !hasQueued.load(ordering: .acquiring)
    }

    /// Does the work in place if the caller may, else queues it.
    func perform(_ work: @escaping @Sendable () -> Void) {
        if isDirect { work() } else { enqueue(work) }
    }

    /// Does the work on the loop after everything that was queued before.
    func enqueue(_ work: @escaping @Sendable () -> Void) {
        let isFirst = queue.withLockedValue { queue in
            queue.append(work)
            guard !hasQueued.load(ordering: .relaxed) else { return false }
            hasQueued.store(true, ordering: .releasing)
            return true
        }
        if isFirst { eventLoop.execute { self.drain() } }
    }

    private func drain() {
        let batch = queue.withLockedValue { queue in
            let batch = queue
            queue.removeAll(keepingCapacity: batch.count <= 64)
            return batch
        }
        for work in batch { work() }
        let isEmpty = queue.withLockedValue { queue in
            guard queue.isEmpty else { return false }
            hasQueued.store(false, ordering: .releasing)
            return true
        }
        // What was queued meanwhile gets a turn of its own: reads and timers of the loop come between.
        if !isEmpty { eventLoop.execute { self.drain() } }
    }

    // MARK: Counting (on the loop)

    @inline(__always) func countIncoming(isEvent: Bool) {
        counts.packetsIn += 1
        if isEvent { counts.eventsIn += 1 }
        if !isReportScheduled { scheduleReport() }
    }

    @inline(__always) func countOutgoing(isEvent: Bool) {
        counts.packetsOut += 1
        if isEvent { counts.eventsOut += 1 }
        if !isReportScheduled { scheduleReport() }
    }

    private func scheduleReport() {
        isReportScheduled = true
        eventLoop.scheduleTask(in: .seconds(1)) {
            self.isReportScheduled = false
            self.metrics.add(self.counts)
            self.counts = PacketCounts()
        }
    }

    // MARK: Clients and deadlines (on the loop)

    func add(_ client: ClientConnection) {
        eventLoop.assertInEventLoop()
        clients[client.number] = client
    }

    func remove(_ client: ClientConnection) {
        eventLoop.assertInEventLoop()
        clients[client.number] = nil
    }

    /// Calls the client's `deadlineReached` at the given time, unless it is gone by then.
    func schedule(_ token: DeadlineToken, at deadline: NIODeadline) {
        eventLoop.assertInEventLoop()
        deadlines.insert(token, at: deadline)
        arm()
    }

    /// Says that some scheduled deadlines do not matter any more; they are swept out when they have become many.
    func settled(_ count: Int = 1) {
        settledDeadlines += count
        guard settledDeadlines > 1024, settledDeadlines > deadlines.count / 2 else { return }
        deadlines.removeAll { token in clients[token.client]?.isWaiting(for: token.wait) != true }
        settledDeadlines = 0
    }

    private func arm() {
        guard let first = deadlines.first else { return }
        if let armed {
            guard first < armed.deadline else { return }
            armed.timer.cancel()
        }
        // Strictly confined to the loop: the closure runs on it.
        let timer = eventLoop.scheduleTask(deadline: first) { self.fire() }
        armed = (first, timer)
    }

    private func fire() {
        armed = nil
        let now = eventLoop.now
        while let token = deadlines.popDue(now) {
            guard let client = clients[token.client], client.isWaiting(for: token.wait) else {
                settledDeadlines = max(0, settledDeadlines - 1)
                continue
            }
            client.deadlineReached(token.wait)
        }
        arm()
    }
}

/// Who waits for what, as a plain value.
struct DeadlineToken {
    enum Wait {
        /// The first namespace must be joined by then.
        case connect
        /// The attachments of this unfinished packet must be there by then.
        case attachments(packet: UInt64)
        /// The client must have answered an ack by then.
        case ack(socket: UInt64, id: UInt64)
    }

    let client: UInt64
    let wait: Wait
}
