import NIOConcurrencyHelpers
import NIOCore

/// The answer that a request waits for. May be used from any thread; answers once.
final class EngineResponder: Sendable {
    private struct State {
        var hasResponded = false
        var isAborted = false
        var onAbort: (loop: any EventLoop, action: @Sendable () -> Void)?
    }

    let eventLoop: any EventLoop
    let request: EngineRequest
    private let deliver: @Sendable (EngineResponse) -> Void
    private let state = NIOLockedValueBox(State())

    /// - Parameter deliver: writes the answer; called on the channel's loop, once.
    init(_ request: EngineRequest, channelLoop: any EventLoop, deliver: @escaping @Sendable (EngineResponse) -> Void) {
        self.request = request
        eventLoop = channelLoop
        self.deliver = deliver
    }

    var hasResponded: Bool { state.withLockedValue { $0.hasResponded } }

    /// Answers, unless that was done or the connection has gone.
    func respond(_ response: EngineResponse) {
        let isFirst = state.withLockedValue { state in
            defer {
                state.hasResponded = true
                state.onAbort = nil
            }
            return !state.hasResponded
        }
        guard isFirst else { return }
        if eventLoop.inEventLoop { deliver(response) } else { eventLoop.execute { self.deliver(response) } }
    }

    /// Ends the connection without an answer.
    func hangUp() {
        guard state.withLockedValue({ !$0.hasResponded }) else { return }
        respond(.hangUp)
    }

    /// What to do on `loop` when the client goes away before the answer.
    func onAbort(on loop: any EventLoop, _ action: @escaping @Sendable () -> Void) {
        let hasGone = state.withLockedValue { state in
            if state.isAborted { return true }
            if !state.hasResponded { state.onAbort = (loop, action) }
            return false
        }
        if hasGone { loop.execute(action) }
    }

    /// The client has gone.
    func abort() {
        let waiting = state.withLockedValue { state in
            defer {
                state.isAborted = !state.hasResponded
                state.hasResponded = true
                state.onAbort = nil
            }
            return state.onAbort
        }
        guard let waiting else { return }
        if waiting.loop.inEventLoop { waiting.action() } else { waiting.loop.execute(waiting.action) }
    }
}
