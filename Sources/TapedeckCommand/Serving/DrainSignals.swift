@preconcurrency import Dispatch
import Foundation
import NIOConcurrencyHelpers

/// SIGTERM and SIGINT: the first asks for a drain, the second ends the process at once. Both are heard once this is made.
final class DrainSignals: Sendable {
    private let sources: NIOLockedValueBox<[any DispatchSourceSignal]>

    init(onFirst drain: @escaping @Sendable () -> Void) {
        let isDraining = NIOLockedValueBox(false)
        // a queue of its own always has a thread
        let queue = DispatchQueue(label: "tapedeck.signals")
        let registration = DispatchGroup()
        sources = NIOLockedValueBox(
            [SIGTERM, SIGINT].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler {
                    let isSecond = isDraining.withLockedValue { draining in
                        defer { draining = true }
                        return draining
                    }
                    if isSecond { _exit(128 + number) }
                    drain()
                }
                registration.enter()
                source.setRegistrationHandler { registration.leave() }
                source.resume()
                return source
            })
        // Until then a signal would be ignored, and not heard either.
        registration.wait()
    }
}
