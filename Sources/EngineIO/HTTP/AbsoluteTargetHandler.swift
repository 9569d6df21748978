package import NIOCore
package import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Gives requests whose target names a host that host: `GET http://a/ HTTP/1.1` with `Host: b` is for `a` (RFC 9112, section 3.2.2).
///
/// What is behind it sees the path only, and would take the header's word for who was asked. On the channel's event loop.
package final class AbsoluteTargetHandler: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart

    package init() {}

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data), let authority = Self.authority(of: head.uri) else {
            return context.fireChannelRead(data)
        }
        head.headers.replaceOrAdd(name: "Host", value: authority)
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    /// The authority of a target in absolute form; empty if it names none; nil for the other forms.
    static func authority(of target: String) -> String? {
        let parts = target.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard !target.hasPrefix("/"), parts.count == 2 else { return nil }
        return String(parts[1].prefix { !"/?#".contains($0) })
    }
}

/// Puts an ``AbsoluteTargetHandler`` where it belongs in a connection of Hummingbird's own.
package final class AbsoluteTargetInstaller: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = NIOAny

    package init() {}

    package func handlerAdded(context: ChannelHandlerContext) {
        do {
            let codec = try context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)
            try context.pipeline.syncOperations.addHandler(AbsoluteTargetHandler(), position: .before(codec.handler))
        } catch {
            // Without it requests could lie about whom they are for.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}
