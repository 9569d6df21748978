/// Handlers in the order of their registration, each with a number to take it out by.
struct HandlerList<Handler> {
    private(set) var entries: [(number: UInt64, handler: Handler)] = []

    var isEmpty: Bool { entries.isEmpty }

    mutating func append(_ handler: Handler, number: UInt64) {
        entries.append((number, handler))
    }

    mutating func prepend(_ handler: Handler, number: UInt64) {
        entries.insert((number, handler), at: 0)
    }

    mutating func remove(_ number: UInt64) {
        entries.removeAll { $0.number == number }
    }
}

extension HandlerList: Sendable where Handler: Sendable {}
