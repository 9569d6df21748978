import NIOCore

/// Runs asynchronous handlers on their client's event loop, so that a handler starts before the next packet is looked at.
final class LoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// Starts work in place, up to its first suspension, where the system can; else with the loop's next turn.
    func start(_ operation: @escaping @Sendable () async -> Void) {
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
            Task.immediate(executorPreference: self, operation: operation)
        } else {
            Task(executorPreference: self, operation: operation)
        }
    }
}
