import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// What callbacks handed over, and a way to wait until enough of it has come.
final class Collected<Value: Sendable>: Sendable {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    private struct Waiter {
        let isSatisfied: @Sendable ([Value]) -> Bool
        let promise: EventLoopPromise<[Value]>
    }

    private struct State {
        var values: [Value] = []
        var waiters: [Waiter] = []
    }

    private let state = NIOLockedValueBox(State())

    var values: [Value] { state.withLockedValue { $0.values } }

    func append(_ value: Value) {
        let satisfied = state.withLockedValue { state in
            state.values.append(value)
            let values = state.values
            let satisfied = state.waiters.filter { $0.isSatisfied(values) }
            state.waiters.removeAll { $0.isSatisfied(values) }
            return satisfied.map { ($0.promise, values) }
        }
        for (promise, values) in satisfied { promise.succeed(values) }
    }

    /// Waits until the values are as wanted.
    @discardableResult
    func wait(
        for what: String = "values", within deadline: TimeAmount = .seconds(40), until isSatisfied: @escaping @Sendable ([Value]) -> Bool
    ) async throws -> [Value] {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: [Value].self)
        let now = state.withLockedValue { state -> [Value]? in
            if isSatisfied(state.values) { return state.values }
            state.waiters.append(Waiter(isSatisfied: isSatisfied, promise: promise))
            return nil
        }
        if let now { promise.succeed(now) }
        let timer = loop.scheduleTask(in: deadline) {
            promise.fail(Missing(description: "waited \(deadline) for \(what) in vain; there are \(self.values)"))
        }
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    @discardableResult
    func wait(count: Int) async throws -> [Value] {
        try await wait(for: "\(count) values") { $0.count >= count }
    }
}
