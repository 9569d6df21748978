import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A relay between a client and a server that a test can cut.
final class Relay: Sendable {
    let url: String
    private let listener: any Channel
    private let pairs: NIOLockedValueBox<[any Channel]>

    /// - Parameter port: of the server, on loopback.
    static func start(to port: Int) async throws -> Relay {
        let pairs = NIOLockedValueBox<[any Channel]>([])
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { inbound in
                pairs.withLockedValue { $0.append(inbound) }
                return ClientBootstrap(group: inbound.eventLoop)
                    .channelInitializer { outbound in
                        outbound.eventLoop.makeCompletedFuture {
                            try outbound.pipeline.syncOperations.addHandler(Passing(to: inbound))
                            try inbound.pipeline.syncOperations.addHandler(Passing(to: outbound))
                        }
                    }
                    .connect(host: "127.0.0.1", port: port).map { _ in }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return Relay(listener: listener, pairs: pairs)
    }

    private init(listener: any Channel, pairs: NIOLockedValueBox<[any Channel]>) {
        self.listener = listener
        self.pairs = pairs
        url = "http://127.0.0.1:\(listener.localAddress?.port ?? 0)"
    }

    /// Ends every connection through it; new ones pass.
    func cut() {
        for channel in pairs.withLockedValue({ channels in
            defer { channels = [] }
            return channels
        }) { channel.close(promise: nil) }
    }

    func stop() async throws {
        cut()
        try await listener.close()
    }
}

/// Hands on what comes, and the end. Both channels are on one loop.
private final class Passing: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(to other: any Channel) {
        self.other = other
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
