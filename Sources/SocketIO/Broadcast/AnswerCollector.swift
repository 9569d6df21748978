import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire

/// Gathers the answers to one broadcast, one result per receiver, and finishes when nothing is open any more.
final class AnswerCollector: Sendable {
    private struct State {
        /// Event loops whose receivers are not all known yet.
        var openLanes: Int
        var openAnswers = 0
        var results: [(SocketID, AckOutcome)] = []
        var completion: (@Sendable ([(SocketID, AckOutcome)]) -> Void)?

        /// The completion, if this was the last thing to wait for.
        mutating func takeIfDone() -> (@Sendable ([(SocketID, AckOutcome)]) -> Void)? {
            guard openLanes == 0, openAnswers == 0 else { return nil }
            defer { completion = nil }
            return completion
        }
    }

    let id: UInt64
    private let timeout: Duration
    private let state: NIOLockedValueBox<State>

    init(id: UInt64, timeout: Duration, lanes: Int, completion: @escaping @Sendable ([(SocketID, AckOutcome)]) -> Void) {
        self.id = id
        self.timeout = timeout
        self.state = NIOLockedValueBox(State(openLanes: lanes, completion: completion))
    }

    /// Waits for the answer of one receiver, on its loop; a receiver that leaves counts as answered, with that as its result.
    ///
    /// - Returns: whether the event should be sent to it.
    func expect(from socket: Socket) -> Bool {
        guard socket.isConnected else { return false }
        state.withLockedValue { $0.openAnswers += 1 }
        return socket.expectAck(id, timeout: timeout) { outcome in self.received(outcome, from: socket.id) }
    }

    private func received(_ outcome: AckOutcome, from id: SocketID) {
        finishIfDone { state in
            state.results.append((id, outcome))
            state.openAnswers -= 1
        }
    }

    /// All receivers of one loop have been asked.
    func laneIsThrough() {
        finishIfDone { $0.openLanes -= 1 }
    }

    private func finishIfDone(_ change: (inout State) -> Void) {
        let (completion, results) = state.withLockedValue { state in
            change(&state)
            return (state.takeIfDone(), state.results)
        }
        completion?(results)
    }
}
