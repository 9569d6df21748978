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
                                try context.pipeline.syncOperations.addHandler(NothingElseHandler(self.options))
                            } catch {
                                context.close(promise: nil)
                            }
                        })
                }
            }
            .bind(host: host, port: port).get()
    }
}

/// Answers what is not the engine's: there is nothing else here. An upgrade that nobody takes is hung up on after a while, as Node does
/// (row A15 of the behaviour notes).
private final class NothingElseHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundOut = HTTPResponsePart

    private let options: EngineOptions
    private var isDestroyed = false

    init(_ options: EngineOptions) { self.options = options }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard options.destroyUpgrade, head.headerFields[.upgrade] != nil else { return }
            isDestroyed = true
            let channel = context.channel
            context.eventLoop.scheduleTask(in: TimeAmount(options.destroyUpgradeTimeout)) { channel.close(promise: nil) }
        case .body:
            break
        case .end:
            guard !isDestroyed else { return }
            context.write(wrapOutboundOut(.head(HTTPResponse(status: .notFound, headerFields: [.contentLength: "0"]))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
