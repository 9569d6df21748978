import NIOConcurrencyHelpers

/// Wakes the writer's thread before its time.
final class Bell: Sendable {
    private let hasRung = ConditionLock(value: false)

    func ring() {
        hasRung.lock()
        hasRung.unlock(withValue: true)
    }

    /// Waits for the bell, at most so long; without a limit, until it rings.
    func wait(for limit: Duration?) {
        guard let limit else {
            hasRung.lock(whenValue: true)
            hasRung.unlock(withValue: false)
            return
        }
        if hasRung.lock(whenValue: true, timeoutSeconds: limit / .seconds(1)) {
            hasRung.unlock(withValue: false)
        }
    }
}
