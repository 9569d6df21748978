@preconcurrency import Dispatch
import Foundation
import NIOConcurrencyHelpers

/// SIGTERM and SIGINT: the first asks for a drain, the second ends the process at once.
final class DrainSignals: Sendable {
    private let sources: NIOLockedValueBox<[any DispatchSourceSignal]>

    init(onFirst drain: @escaping @Sendable () -> Void) {
        let isDraining = NIOLockedValueBox(false)
        sources = NIOLockedValueBox(
            [SIGTERM, SIGINT].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler {
                    let isSecond = isDraining.withLockedValue { draining in
                        defer { draining = true }
                        return draining
                    }
                    if isSecond { _exit(128 + number) }
                    drain()
                }
                source.resume()
                return source
            })
    }
}
