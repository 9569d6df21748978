import Foundation

/// A wait that took too long.
public struct DeadlinePassed: Error, CustomStringConvertible {
    public init(description: String) { self.description = description }

    public let description: String
}

/// Runs `body`; when it takes longer than `limit` it is cancelled and ``DeadlinePassed`` is thrown.
public func withDeadline<Value: Sendable>(
    _ what: String, _ limit: Duration = .seconds(40), _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await ContinuousClock().sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else {
            throw DeadlinePassed(description: "Waited \(limit) for \(what) in vain.")
        }
        return value
    }
}
