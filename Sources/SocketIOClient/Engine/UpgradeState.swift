/// The rules of an upgrade from polling to WebSocket, as the client sees it. A value without I/O.
///
/// Engine.IO protocol, upgrade: open the WebSocket with the sid, send `2probe`, wait for `3probe`, stop polling, send `5`.
struct UpgradeState {
    enum Action: Equatable {
        case none
        /// Send `2probe` over the WebSocket.
        case probe
        /// Stop polling; requests that are out may end.
        case pausePolling
        /// Send `5`, then everything else over the WebSocket.
        case complete
        /// Drop the WebSocket and go on polling.
        case giveUp(String)
    }

    enum Phase {
        case idle, connecting, probing, pausing, done, failed
    }

    private(set) var phase = Phase.idle

    /// From here on until it is done or has failed, polling still carries what is sent.
    var isUnderWay: Bool { phase == .connecting || phase == .probing || phase == .pausing }
    /// Nothing may be sent: polling is being paused and the WebSocket is not yet in its place.
    var holdsWrites: Bool { phase == .pausing }

    /// Whether it may begin; once only, unless it has failed.
    mutating func begin() -> Bool {
        guard phase == .idle || phase == .failed else { return false }
        phase = .connecting
        return true
    }

    mutating func webSocketOpened() -> Action {
        guard phase == .connecting else { return .none }
        phase = .probing
        return .probe
    }

    /// A packet over the WebSocket before the upgrade is complete: only the answer to the probe fits.
    mutating func received(isProbeAnswer: Bool) -> Action {
        guard phase == .probing, isProbeAnswer else { return fail("the server answered the probe with something else") }
        phase = .pausing
        return .pausePolling
    }

    mutating func pollingPaused() -> Action {
        guard phase == .pausing else { return .none }
        phase = .done
        return .complete
    }

    mutating func webSocketClosed(_ problem: String) -> Action {
        fail(problem)
    }

    mutating func timedOut() -> Action {
        fail("the server did not answer in time")
    }

    private mutating func fail(_ problem: String) -> Action {
        guard isUnderWay else { return .none }
        phase = .failed
        return .giveUp(problem)
    }
}
