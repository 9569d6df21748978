import Logging
import Metrics
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

// Process-wide, so that several servers may write to one tape.
private let socketNumbers = Atomic<UInt64>(0)
private let broadcastNumbers = Atomic<UInt64>(0)

/// What all parts of one server share: settings, numbers, event loops, the tap, where errors go.
final class ServerCore: Sendable {
    typealias ErrorHandler = @Sendable (any Error, ErrorContext) -> Void
    typealias InvalidArgumentsHandler = @Sendable (Socket, SocketIOError, RawAck?) -> Void

    let options: SocketIOServer.Options
    let tap: (any Tap)?
    let clock: TapClock
    let packets: PacketWriter
    let metrics: ServerMetrics
    /// Whether there can be no other server, so that nothing need be told to any.
    let isAlone: Bool
    private let handlerNumbers = Atomic<UInt64>(0)
    private let loops = NIOLockedValueBox<[ObjectIdentifier: LoopContext]>([:])
    private let errorHandlers = NIOLockedValueBox(HandlerList<ErrorHandler>())
    private let shutdownHandlers = NIOLockedValueBox(HandlerList<@Sendable () -> Void>())
    private let invalidArgumentsHandlers = NIOLockedValueBox(HandlerList<InvalidArgumentsHandler>())

    init(options: SocketIOServer.Options, clock: TapClock) {
        self.options = options
        self.tap = options.tap
        self.clock = clock
        self.metrics = ServerMetrics(options.engine.metricsFactory ?? MetricsSystem.factory)
        self.packets = PacketWriter(parser: options.parser)
        self.isAlone = options.adapter is InMemoryAdapter
    }

    func nextSocketNumber() -> UInt64 { socketNumbers.add(1, ordering: .relaxed).newValue }
    func nextBroadcastNumber() -> UInt64 { broadcastNumbers.add(1, ordering: .relaxed).newValue }
    func nextHandlerNumber() -> UInt64 { handlerNumbers.add(1, ordering: .relaxed).newValue }

    func context(of eventLoop: any EventLoop) -> LoopContext {
        loops.withLockedValue { loops in
            let key = ObjectIdentifier(eventLoop)
            if let context = loops[key] { return context }
            let context = LoopContext(eventLoop: eventLoop, lane: loops.count, metrics: metrics)
            loops[key] = context
            return context
        }
    }

    var now: NIODeadline { options.now() }

    /// Waits until each loop has done what is queued on it now.
    func settle() async {
        for context in loops.withLockedValue({ Array($0.values) }) {
            await withCheckedContinuation { continuation in
                context.enqueue { continuation.resume() }
            }
        }
    }

    // MARK: Errors

    func onError(_ handler: @escaping ErrorHandler) -> Subscription {
        let number = nextHandlerNumber()
        errorHandlers.withLockedValue { $0.append(handler, number: number) }
        return Subscription { self.errorHandlers.withLockedValue { $0.remove(number) } }
    }

    func onInvalidArguments(_ handler: @escaping InvalidArgumentsHandler) -> Subscription {
        let number = nextHandlerNumber()
        invalidArgumentsHandlers.withLockedValue { $0.append(handler, number: number) }
        return Subscription { self.invalidArgumentsHandlers.withLockedValue { $0.remove(number) } }
    }

    /// Calls `handler` once, at shutdown.
    func onShutdown(_ handler: @escaping @Sendable () -> Void) -> Subscription {
        let number = nextHandlerNumber()
        shutdownHandlers.withLockedValue { $0.append(handler, number: number) }
        return Subscription { self.shutdownHandlers.withLockedValue { $0.remove(number) } }
    }

    func announceShutdown() {
        let handlers = shutdownHandlers.withLockedValue { list in
            defer { list = HandlerList() }
            return list
        }
        for (_, handler) in handlers.entries { handler() }
    }

    /// Hands an error to the app's handlers and the log.
    func report(_ error: any Error, _ context: ErrorContext) {
        metrics.reportedError()
        var metadata = context.socket?.metadata ?? ["namespace": "\(context.namespace)"]
        if let event = context.event { metadata["event"] = "\(event)" }
        options.logger.warning("\(error)", metadata: metadata)
        for (_, handler) in errorHandlers.withLockedValue({ $0.entries }) { handler(error, context) }
    }

    func reportInvalidArguments(_ error: SocketIOError, of event: IncomingEvent) {
        for (_, handler) in invalidArgumentsHandlers.withLockedValue({ $0.entries }) { handler(event.socket, error, event.ack) }
        report(error, ErrorContext(socket: event.socket, namespace: event.socket.namespace.name, event: event.name))
    }

    /// Lets go of the app's closures, which may hold the server itself.
    func removeHandlers() {
        errorHandlers.withLockedValue { $0 = HandlerList() }
        invalidArgumentsHandlers.withLockedValue { $0 = HandlerList() }
    }

    // MARK: Tap

    func record(_ kind: @autoclosure () -> TapEvent.Kind) {
        guard let tap else { return }
        tap.record(TapEvent(at: clock.now(), kind: kind()))
    }
}
