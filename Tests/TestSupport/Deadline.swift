import NIOConcurrencyHelpers

/// A wait that took too long.
public struct DeadlinePassed: Error, CustomStringConvertible {
    public init(description: String) { self.description = description }

    public let description: String
}

/// Runs `body`; when it takes longer than `limit` it is cancelled and ``DeadlinePassed`` is thrown.
///
/// A body that does not heed its cancellation is left behind, so that the test fails instead of hanging.
public func withDeadline<Value: Sendable>(
    _ what: @autoclosure @escaping @Sendable () -> String, _ limit: Duration = .seconds(40),
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
        do { race.end(.success(try await body())) } catch { race.end(.failure(error)) }
    }
    let timer = Task {
        guard (try? await ContinuousClock().sleep(for: limit)) != nil else { return }
        race.end(.failure(DeadlinePassed(description: "Waited \(limit) for \(what()) in vain.")))
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    return try await withTaskCancellationHandler {
        try await race.winner()
    } onCancel: {
        race.end(.failure(CancellationError()))
    }
}

/// Waits until `condition` holds, looking again and again.
public func eventually(
    _ what: @autoclosure @escaping @Sendable () -> String, _ limit: Duration = .seconds(40),
    _ condition: @escaping @Sendable () async throws -> Bool
) async throws {
    try await withDeadline(what(), limit) {
        while try await !condition() { try await ContinuousClock().sleep(for: .milliseconds(5)) }
    }
}

/// The first of several outcomes.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<Value, any Error>)
        case ended(Result<Value, any Error>)
    }

    private let state = NIOLockedValueBox(State.running)

    func end(_ result: Result<Value, any Error>) {
        let continuation = state.withLockedValue { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .ended: return nil
            case .running:
                state = .ended(result)
                return nil
            case .awaited(let continuation):
                state = .ended(result)
                return continuation
            }
        }
        continuation?.resume(with: result)
    }

    func winner() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLockedValue { state -> Result<Value, any Error>? in
                if case .ended(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
