import NIOConcurrencyHelpers

/// Hands values from wherever they come up to a waiting test, in order, with a deadline.
final class Mailbox<Value: Sendable>: Sendable {
    struct Timeout: Error, CustomStringConvertible {
        let waitedFor: String
        var description: String { "nothing came within the deadline: \(waitedFor)" }
    }

    private struct State {
        var values: [Value] = []
        var waiting: (number: Int, continuation: CheckedContinuation<Value?, Never>)?
        var waits = 0
    }

    private let state = NIOLockedValueBox(State())

    func put(_ value: Value) {
        let waiting = state.withLockedValue { state in
            defer { state.waiting = nil }
            if state.waiting == nil { state.values.append(value) }
            return state.waiting
        }
        waiting?.continuation.resume(returning: value)
    }

    /// What has come and was not taken.
    var pending: [Value] { state.withLockedValue { $0.values } }

    /// The next value; only one test task may wait at a time.
    func next(_ what: String = "\(Value.self)", within deadline: Duration = .seconds(30)) async throws -> Value {
        let value: Value? = await withCheckedContinuation { continuation in
            let (ready, number) = state.withLockedValue { state -> (Value?, Int) in
                if !state.values.isEmpty { return (state.values.removeFirst(), 0) }
                state.waits += 1
                state.waiting = (state.waits, continuation)
                return (nil, state.waits)
            }
            if let ready { return continuation.resume(returning: ready) }
            Task {
                try await Task.sleep(for: deadline)
                let expired = self.state.withLockedValue { state -> CheckedContinuation<Value?, Never>? in
                    guard let waiting = state.waiting, waiting.number == number else { return nil }
                    state.waiting = nil
                    return waiting.continuation
                }
                expired?.resume(returning: nil)
            }
        }
        guard let value else { throw Timeout(waitedFor: what) }
        return value
    }
}
