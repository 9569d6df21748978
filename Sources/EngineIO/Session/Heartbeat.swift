import NIOCore

/// When to send a ping and when to give a client up: a value that is asked from time to time.
///
/// The deadline of a ping runs from when it was queued, and it outlives a change of transport (traps 10 and 11 of the behaviour notes).
struct Heartbeat: Sendable, Hashable {
    enum Action: Sendable, Hashable {
        case none
        case ping
        case timeOut
    }

    private enum State: Sendable, Hashable {
        case resting(until: NIODeadline)
        case waiting(until: NIODeadline)
    }

    let interval: TimeAmount
    let timeout: TimeAmount
    private var state: State

    init(interval: TimeAmount, timeout: TimeAmount, now: NIODeadline) {
        self.interval = interval
        self.timeout = timeout
        state = .resting(until: now + interval)
    }

    mutating func tick(_ now: NIODeadline) -> Action {
        switch state {
        case .resting(let deadline) where now >= deadline:
            state = .waiting(until: now + timeout)
            return .ping
        case .waiting(let deadline) where now >= deadline:
            return .timeOut
        default:
            return .none
        }
    }

    /// A pong with no ping outstanding is fine and puts the next ping off (trap 12).
    mutating func pong(_ now: NIODeadline) { state = .resting(until: now + interval) }

    /// How often to ask so that a deadline is missed by little.
    var granularity: TimeAmount {
        .nanoseconds(max(5_000_000, min(1_000_000_000, min(interval.nanoseconds, timeout.nanoseconds) / 8)))
    }
}
