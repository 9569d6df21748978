import NIOCore

/// The heartbeat of one session. In revision 4 the server pings and the client must answer; in revision 3 the client pings by itself, and
/// the server only waits for it (row H6 of the behaviour notes).
///
/// Pure: time goes in, what to do comes out. It belongs to the session, so that a deadline survives a change of transport (trap 10), and it
/// counts from when a ping is queued, not from when it is written (trap 11).
struct Heartbeat: Sendable, Hashable {
    struct Timing: Sendable, Hashable {
        var interval: TimeAmount
        var timeout: TimeAmount

        /// How often to ask so that a deadline is missed by little.
        var granularity: TimeAmount {
            .nanoseconds(max(5_000_000, min(1_000_000_000, min(interval.nanoseconds, timeout.nanoseconds) / 8)))
        }
    }

    enum Action: Sendable, Hashable {
        case none
        case ping
        case timeOut
    }

    private enum State: Sendable, Hashable {
        case resting(until: NIODeadline)
        case waiting(until: NIODeadline)
    }

    private var state: State

    /// For a session in which the server pings.
    init(_ timing: Timing, now: NIODeadline) {
        state = .resting(until: now + timing.interval)
    }

    /// For a session in which the client pings.
    init(awaitingPings timing: Timing, now: NIODeadline) {
        state = .waiting(until: now + timing.interval + timing.timeout)
    }

    mutating func tick(_ timing: Timing, _ now: NIODeadline) -> Action {
        switch state {
        case .resting(let deadline) where now >= deadline:
            state = .waiting(until: now + timing.timeout)
            return .ping
        case .waiting(let deadline) where now >= deadline:
            return .timeOut
        default:
            return .none
        }
    }

    /// A pong with no ping outstanding is fine and puts the next ping off (trap 12).
    ///
    /// - Returns: how long the client took; `nil` if nothing was asked.
    @discardableResult
    mutating func pong(_ timing: Timing, _ now: NIODeadline) -> TimeAmount? {
        defer { state = .resting(until: now + timing.interval) }
        guard case .waiting(let deadline) = state else { return nil }
        return now - (deadline - timing.timeout)
    }

    /// The client has pinged, as it must in revision 3.
    mutating func pinged(_ timing: Timing, _ now: NIODeadline) {
        state = .waiting(until: now + timing.interval + timing.timeout)
    }
}
