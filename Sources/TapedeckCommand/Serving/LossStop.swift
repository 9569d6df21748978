import NIOConcurrencyHelpers

/// `--on-loss stop`: remembers that traffic was lost, and drains the server as soon as both are there, the loss and the server.
final class LossStop: Sendable {
    private struct State {
        var hasHappened = false
        var drain: (@Sendable () -> Void)?
    }

    private let state = NIOLockedValueBox(State())

    var hasHappened: Bool { state.withLockedValue { $0.hasHappened } }

    func happened() {
        state.withLockedValue { state in
            state.hasHappened = true
            return state.drain
        }?()
    }

    /// How the server is drained.
    func stop(by drain: @escaping @Sendable () -> Void) {
        let isLate = state.withLockedValue { state in
            state.drain = drain
            return state.hasHappened
        }
        if isLate { drain() }
    }
}
