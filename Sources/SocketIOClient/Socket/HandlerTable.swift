/// Handlers in the order of their registration, each with a number to take it out by.
struct HandlerTable<Handler: Sendable>: Sendable {
    private var entries: [(number: UInt64, handler: Handler)] = []
    private var nextNumber: UInt64 = 0

    var handlers: [Handler] { entries.map(\.handler) }

    mutating func add(_ handler: Handler) -> UInt64 {
        defer { nextNumber += 1 }
        entries.append((nextNumber, handler))
        return nextNumber
    }

    mutating func remove(_ number: UInt64) {
        entries.removeAll { $0.number == number }
    }
}

/// A registered handler of a client; cancel it to take it out. Letting go of it changes nothing.
public struct ClientSubscription: Sendable {
    private let remove: @Sendable () -> Void

    init(_ remove: @escaping @Sendable () -> Void) {
        self.remove = remove
    }

    /// Takes the handler out. May be called from any thread, more than once.
    public func cancel() {
        remove()
    }
}
