import Metrics
import NIOConcurrencyHelpers

/// What the Socket.IO layer tells swift-metrics. Packets are counted per event loop and handed on about once a second.
final class ServerMetrics: Sendable {
    private let factory: any MetricsFactory
    private let incoming: Counter
    private let outgoing: Counter
    private let events: Counter
    private let emitted: Counter
    private let ackLatency: Metrics.Timer
    private let ackTimeouts: Counter
    private let dropped: Counter
    private let errors: Counter
    private let refused: Counter
    private let byNamespace = NIOLockedValueBox<[String: (meter: Meter, count: Int)]>([:])
    private let byReason = NIOLockedValueBox<[DisconnectReason: Counter]>([:])

    init(_ factory: any MetricsFactory) {
        func counter(_ label: String, _ direction: String? = nil) -> Counter {
            Counter(label: label, dimensions: direction.map { [("direction", $0)] } ?? [], factory: factory)
        }
        self.factory = factory
        incoming = counter("socketio_packets_total", "in")
        outgoing = counter("socketio_packets_total", "out")
        events = counter("socketio_events_total", "in")
        emitted = counter("socketio_events_total", "out")
        ackLatency = Metrics.Timer(label: "socketio_ack_latency_seconds", factory: factory)
        ackTimeouts = counter("socketio_ack_timeouts_total")
        dropped = counter("socketio_volatile_dropped_total")
        errors = counter("socketio_errors_total")
        refused = counter("socketio_connect_refused_total")
    }

    /// Names of namespaces come from clients where families make them; beyond this many they share one label.
    private static let maxNamespaces = 100

    func add(_ counts: PacketCounts) {
        if counts.packetsIn > 0 { incoming.increment(by: counts.packetsIn) }
        if counts.packetsOut > 0 { outgoing.increment(by: counts.packetsOut) }
        if counts.eventsIn > 0 { events.increment(by: counts.eventsIn) }
        if counts.eventsOut > 0 { emitted.increment(by: counts.eventsOut) }
    }

    func connected(_ namespace: String) { change(namespace, by: 1) }

    func disconnected(_ namespace: String, _ reason: DisconnectReason) {
        change(namespace, by: -1)
        let counter = byReason.withLockedValue { counters in
            if let counter = counters[reason] { return counter }
            let counter = Counter(label: "socketio_disconnects_total", dimensions: [("reason", reason.rawValue)], factory: factory)
            counters[reason] = counter
            return counter
        }
        counter.increment()
    }

    func acked(after nanoseconds: Int64) { ackLatency.recordNanoseconds(nanoseconds) }
    func ackTimedOut() { ackTimeouts.increment() }
    func droppedVolatile() { dropped.increment() }
    func reportedError() { errors.increment() }
    func refusedConnect() { refused.increment() }

    private func change(_ namespace: String, by step: Int) {
        let (meter, count) = byNamespace.withLockedValue { meters in
            let name = meters[namespace] != nil || meters.count < Self.maxNamespaces ? namespace : "(others)"
            var entry = meters[name] ?? (Meter(label: "socketio_sockets", dimensions: [("namespace", name)], factory: factory), 0)
            entry.count += step
            meters[name] = entry
            return entry
        }
        meter.set(count)
    }
}

/// Packets that one event loop has seen since it last said so.
struct PacketCounts {
    var packetsIn = 0
    var packetsOut = 0
    var eventsIn = 0
    var eventsOut = 0
}
