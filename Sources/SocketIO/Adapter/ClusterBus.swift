import NIOConcurrencyHelpers
public import NIOCore

/// All that a cluster needs from outside: messages that are published reach every subscriber, in the order of one publisher.
///
/// Redis' PUBLISH and SUBSCRIBE do, and so does ``LocalBus`` within one process.
public protocol ClusterBus: Sendable {
    /// Sends a message to all subscribers; the sender may hear it too.
    func publish(_ message: ByteBuffer) async throws

    /// Calls `receive` with each message from now on, one after the other. Returns once no message can be missed any more.
    func subscribe(_ receive: @escaping @Sendable (ByteBuffer) -> Void) async throws
}

/// Several servers in one process: for tests, and for servers on several ports.
public final class LocalBus: ClusterBus {
    private let receivers = NIOLockedValueBox<[@Sendable (ByteBuffer) -> Void]>([])

    public init() {}

    public func publish(_ message: ByteBuffer) async throws {
        for receive in receivers.withLockedValue({ $0 }) { receive(message) }
    }

    public func subscribe(_ receive: @escaping @Sendable (ByteBuffer) -> Void) async throws {
        receivers.withLockedValue { $0.append(receive) }
    }
}
