import Metrics
import NIOConcurrencyHelpers

/// What an engine tells swift-metrics. Values of connections are gathered once per tick of their loop, so that no packet pays for them.
final class EngineMetrics: Sendable {
    private let factory: any MetricsFactory
    private let opened: [TransportKind: Counter]
    private let open: [TransportKind: Meter]
    private let upgrades: Counter
    private let received: Counter
    private let sent: Counter
    private let buffered: Meter
    private let closed = NIOLockedValueBox<[EngineCloseReason: Counter]>([:])
    private let refused = NIOLockedValueBox<[Int: Counter]>([:])
    private let totals = NIOLockedValueBox<[TransportKind: Int]>([:])

    init(_ factory: any MetricsFactory) {
        func each<Value>(_ make: (TransportKind) -> Value) -> [TransportKind: Value] {
            Dictionary(uniqueKeysWithValues: TransportKind.allCases.map { ($0, make($0)) })
        }
        self.factory = factory
        opened = each {
            Counter(label: "socketio_connections_opened_total", dimensions: [("transport", $0.rawValue)], factory: factory)
        }
        open = each { Meter(label: "socketio_connections", dimensions: [("transport", $0.rawValue)], factory: factory) }
        upgrades = Counter(label: "socketio_upgrades_total", factory: factory)
        received = Counter(label: "socketio_bytes_total", dimensions: [("direction", "in")], factory: factory)
        sent = Counter(label: "socketio_bytes_total", dimensions: [("direction", "out")], factory: factory)
        buffered = Meter(label: "socketio_buffered_bytes", factory: factory)
    }

    func opened(_ transport: TransportKind) {
        opened[transport]?.increment()
        change(transport, by: 1)
    }

    func upgraded() {
        upgrades.increment()
        change(.polling, by: -1)
        change(.webSocket, by: 1)
    }

    func closed(_ transport: TransportKind, _ reason: EngineCloseReason) {
        change(transport, by: -1)
        let counter = closed.withLockedValue { counters in
            if let counter = counters[reason] { return counter }
            let counter = Counter(label: "socketio_connections_closed_total", dimensions: [("reason", reason.rawValue)], factory: factory)
            counters[reason] = counter
            return counter
        }
        counter.increment()
    }

    func refused(code: Int) {
        let counter = refused.withLockedValue { counters in
            if let counter = counters[code] { return counter }
            let counter = Counter(label: "socketio_handshake_errors_total", dimensions: [("code", String(code))], factory: factory)
            counters[code] = counter
            return counter
        }
        counter.increment()
    }

    func moved(received bytesIn: UInt64, sent bytesOut: UInt64) {
        if bytesIn > 0 { received.increment(by: bytesIn) }
        if bytesOut > 0 { sent.increment(by: bytesOut) }
    }

    func buffered(_ bytes: Int) { buffered.set(bytes) }

    private func change(_ transport: TransportKind, by step: Int) {
        let count = totals.withLockedValue { totals in
            totals[transport, default: 0] += step
            return totals[transport, default: 0]
        }
        open[transport]?.set(count)
    }
}
