/// How long the server took, by event: from an act to its ack, and to what followed from it.
struct LatencyMeter: Sendable {
    private let start = ContinuousClock.now
    /// Microseconds from the start, -1 for what has not been sent. There may be millions.
    private var sentAt: [Int64]
    private var samples: [String: [Int32]] = [:]

    init(plan: ReplayPlan) { sentAt = Array(repeating: -1, count: plan.actions.count) }

    mutating func note(_ moments: [ReplayMachine.Moment], plan: ReplayPlan, at now: ContinuousClock.Instant) {
        let at = Int64((now - start) / .microseconds(1))
        for moment in moments {
            switch moment {
            case .did(let action): sentAt[action] = at
            case .met(let index):
                let expectation = plan.expectations[index]
                let cause = expectation.answers ?? expectation.after - 1
                guard cause >= 0, sentAt[cause] >= 0, let name = Self.name(of: expectation) else { continue }
                samples[name, default: []].append(Int32(clamping: at - sentAt[cause]))
            }
        }
    }

    private static func name(of expectation: ReplayPlan.Expectation) -> String? {
        switch expectation.kind {
        case .connected, .refused: "connect"
        case .event(let name, _, _): name
        case .ack(_, let event, _): "ack of \(event)"
        case .disconnected, .closed: nil
        }
    }

    mutating func merge(_ other: LatencyMeter) {
        for (name, values) in other.samples { samples[name, default: []] += values }
    }

    var latencies: [ReplayReport.Latency] {
        samples.sorted { $0.key < $1.key }.map { name, values in
            let sorted = values.sorted()
            func percentile(_ part: Double) -> Duration {
                .microseconds(Int64(sorted[min(sorted.count - 1, Int((Double(sorted.count) * part).rounded(.up)) - 1)]))
            }
            return ReplayReport.Latency(
                name: name, count: sorted.count, p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99),
                max: .microseconds(Int64(sorted[sorted.count - 1])))
        }
    }
}
