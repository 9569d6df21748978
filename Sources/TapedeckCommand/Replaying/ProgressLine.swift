import Foundation
import NIOConcurrencyHelpers

/// How far a replay has come, on one line of a terminal; nothing where standard error is none.
final class ProgressLine: Sendable {
    private let isOn: Bool
    private let lastShown = NIOLockedValueBox<ContinuousClock.Instant?>(nil)

    init() { isOn = isatty(2) == 1 }

    func show(_ done: Int, of all: Int) {
        guard isOn else { return }
        let isDue = lastShown.withLockedValue { last in
            let now = ContinuousClock.now
            if let last, now - last < .milliseconds(100) { return false }
            last = now
            return true
        }
        if isDue { FileHandle.standardError.write(Data("\r\(done) of \(all) acts\u{1B}[K".utf8)) }
    }

    func end() {
        guard isOn, lastShown.withLockedValue({ $0 != nil }) else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
