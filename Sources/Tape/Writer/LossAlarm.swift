import Atomics

/// Tells the owner of a recording, once, that packets are being lost.
final class LossAlarm: Sendable {
    private let hasRung = ManagedAtomic<Bool>(false)
    private let action: (@Sendable () -> Void)?

    init(_ action: (@Sendable () -> Void)?) { self.action = action }

    @Sendable func raise() {
        guard let action, !hasRung.exchange(true, ordering: .relaxed) else { return }
        action()
    }
}
