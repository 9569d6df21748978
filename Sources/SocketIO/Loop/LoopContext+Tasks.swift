extension LoopContext {
    /// Starts an asynchronous piece of work on this loop, in place up to its first suspension; it comes back to this loop after each.
    ///
    /// So handlers start in arrival order, before the next packet is looked at, and one that waits holds up nobody.
    func start(_ operation: @escaping @Sendable () async -> Void) {
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
            Task.immediate(executorPreference: executor, operation: operation)
        } else {
            Task(executorPreference: executor, operation: operation)
        }
    }
}
