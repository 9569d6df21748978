/// How long the server took, by event: from an act to its ack, and to what followed from it.
struct LatencyMeter: Sendable {
    private var sentAt: [ContinuousClock.Instant?]
    private var samples: [String: [Int32]] = [:]

    init(plan: ReplayPlan) { sentAt = Array(repeating: nil, count: plan.actions.count) }

    mutating func note(_ moments: [ReplayMachine.Moment], plan: ReplayPlan, at now: ContinuousClock.Instant) {
        for moment in moments {
            switch moment {
            case .did(let action): sentAt[action] = now
            case .met(let index):
                let expectation = plan.expectations[index]
                let cause = expectation.answers ?? expectation.after - 1
                guard cause >= 0, let start = sentAt[cause], let name = Self.name(of: expectation) else { continue }
                samples[name, default: []].append(Int32(clamping: Int64((now - start) / .microseconds(1))))
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
