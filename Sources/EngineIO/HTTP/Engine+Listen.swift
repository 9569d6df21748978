import HTTPTypes
package import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOPosix

extension Engine {
    /// Listens on a bare NIO server, without a host: requests outside the path get an empty 404.
    ///
    /// - Returns: the listening channel; close it to stop accepting.
    package func listen(host: String, port: Int, group: any EventLoopGroup) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try HTTPPipeline.add(to: pipeline, secure: false)
                    try pipeline.addHandler(
                        self.makeHTTPHandler { context, isWanted in
                            guard isWanted else { return }
                            do {
                                try context.pipeline.syncOperations.addHandler(NothingElseHandler())
                            } catch {
                                context.close(promise: nil)
                            }
                        })
                }
            }
            .bind(host: host, port: port).get()
    }
}

/// Answers what is not the engine's: there is nothing else here.
private final class NothingElseHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        context.write(wrapOutboundOut(.head(HTTPResponse(status: .notFound, headerFields: [.contentLength: "0"]))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
