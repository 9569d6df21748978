public import Hummingbird
import Logging
public import NIOCore

/// The request context of a router that carries the inspector: Hummingbird's own, and where the request came from.
public struct InspectorContext: RequestContext {
    public var coreContext: CoreRequestContextStorage

    /// The peer's address, by which the inspector tells this machine's requests from others.
    public let remoteAddress: SocketAddress?
    private let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress
    }

    /// Waits until the connection has taken up what was written. Only then does the writer know that it must wait: one who writes on at
    /// once fills the memory before the event loop has had its turn.
    func letWritesSettle() async throws {
        try await channel.eventLoop.submit {}.get()
    }

    /// Ends the connection of one who does not take what is being sent, when the server drains.
    func closeSoon() {
        channel.eventLoop.scheduleTask(in: .seconds(2)) { [channel] in channel.close(promise: nil) }
    }

    /// Lets a slow reader hold little of what is being sent in memory, the kernel's too: a stream has thousands of them.
    func limitPendingWrites() async throws {
        try await channel.setOption(.writeBufferWaterMark, value: .init(low: 4 << 10, high: 8 << 10)).get()
        try await channel.setOption(.socketOption(.so_sndbuf), value: 64 << 10).get()
    }
}
