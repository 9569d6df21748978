import HTTPTypes
package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTPTypes

/// One TCP connection that mostly is not Hummingbird's: its asynchronous half is built only when the first request for it arrives, so that an
/// idle WebSocket costs no task and no stream.
package struct DeferredHostChannel: ServerChildChannel {
    /// Called with `true` before the first request for the host is passed on, with `false` if there was none.
    package typealias OnHostRequest = (_ context: ChannelHandlerContext, _ isWanted: Bool) -> Void

    package struct Value: ServerChildChannelValue {
        package let channel: any Channel
        /// Hummingbird's half, once a request wants it; `nil` if the connection ended without.
        let host: EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?>
    }

    private let host: HTTP1Channel
    private let addHandlers: @Sendable (ChannelPipeline.SynchronousOperations, @escaping OnHostRequest) throws -> Void
    private let prepareHost: @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void

    /// - Parameters:
    ///   - addHandlers: adds what takes the requests; on the channel's event loop.
    ///   - prepareHost: adds what Hummingbird's half needs below it; on the channel's event loop.
    package init(
        host: HTTP1Channel,
        addHandlers: @escaping @Sendable (ChannelPipeline.SynchronousOperations, @escaping OnHostRequest) throws -> Void,
        prepareHost: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void = { _ in }
    ) {
        self.host = host
        self.addHandlers = addHandlers
        self.prepareHost = prepareHost
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let host = channel.eventLoop.makePromise(of: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?.self)
            try addHandlers(channel.pipeline.syncOperations) { context, isWanted in
                guard isWanted else { return host.succeed(nil) }
                host.completeWith(
                    Result {
                        let operations = context.pipeline.syncOperations
                        try prepareHost(operations)
                        try operations.addHandler(HTTPConnectionStateHandler(idleTimeout: nil, logger: logger))
                        return try NIOAsyncChannel(
                            wrappingChannelSynchronously: context.channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                    })
            }
            return Value(channel: channel, host: host.futureResult)
        }
    }

    package func handle(value: Value, logger: Logger) async {
        do {
            guard let channel = try await value.host.get() else { return }
            await host.handle(value: channel, logger: logger)
        } catch {
            logger.debug("The connection ended before its first request was handed over", metadata: ["error": "\(error)"])
        }
    }
}
