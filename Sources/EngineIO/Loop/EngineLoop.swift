import NIOCore

/// What the connections of one event loop share: one timer that looks at all deadlines, and one flush at the end of a turn.
///
/// Confined to its loop. Sendable by hand: every method asserts the loop before it touches anything.
final class EngineLoop: @unchecked Sendable {
    let eventLoop: any EventLoop
    private let granularity: TimeAmount
    private var connections: [ObjectIdentifier: EngineConnection] = [:]
    private var corked: [EngineConnection] = []
    private var isFlushScheduled = false
    private var timer: Scheduled<Void>?
    /// What connections that have gone had moved since the last tick.
    private var moved = Moved()
    private let report: (Moved) -> Void

    /// Bytes since the last tick, and those that wait.
    struct Moved {
        var received: UInt64 = 0
        var sent: UInt64 = 0
        var buffered = 0
    }

    /// - Parameter report: told at each tick, on the loop.
    init(_ eventLoop: any EventLoop, granularity: TimeAmount, report: @escaping (Moved) -> Void) {
        self.report = report
        self.eventLoop = eventLoop
        self.granularity = granularity
    }

    func add(_ connection: EngineConnection) {
        eventLoop.assertInEventLoop()
        connections[ObjectIdentifier(connection)] = connection
        if timer == nil { scheduleTick() }
    }

    func remove(_ connection: EngineConnection) {
        eventLoop.assertInEventLoop()
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        connection.addMoved(to: &moved)
    }

    /// Flushes the connection once this turn of the loop is over: all that was produced in the turn goes out in one write.
    func cork(_ connection: EngineConnection) {
        eventLoop.assertInEventLoop()
        corked.append(connection)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        eventLoop.execute { self.uncork() }
    }

    private func uncork() {
        isFlushScheduled = false
        let ready = corked
        corked.removeAll(keepingCapacity: true)
        for connection in ready { connection.flush() }
    }

    private func scheduleTick() {
        timer = eventLoop.scheduleTask(in: granularity) { self.tick() }
    }

    private func tick() {
        timer = nil
        let now = eventLoop.now
        for connection in connections.values { connection.tick(now) }
        for connection in connections.values { connection.addMoved(to: &moved) }
        report(moved)
        moved = Moved()
        if !connections.isEmpty { scheduleTick() }
    }
}
