public import Hummingbird
import Logging
public import NIOCore

/// The request context of a router that carries the inspector: Hummingbird's own, and where the request came from.
public struct InspectorContext: RequestContext {
    public var coreContext: CoreRequestContextStorage

    /// The peer's address, by which the inspector tells this machine's requests from others.
    public let remoteAddress: SocketAddress?

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }
}
