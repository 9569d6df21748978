/// A registered handler; cancel it to take it out again. Letting go of it changes nothing.
public struct Subscription: Sendable {
    private let remove: @Sendable () -> Void

    init(_ remove: @escaping @Sendable () -> Void) {
        self.remove = remove
    }

    /// Takes the handler out. May be called from any thread, more than once.
    public func cancel() {
        remove()
    }
}
