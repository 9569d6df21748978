import EngineIO
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// One TCP connection of a proxy: requests for its own pages go to Hummingbird, whose half is built when the first of them arrives.
struct ProxyChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// Hummingbird's half, once a request wants it; `nil` if the connection ended without.
        let host: EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?>
    }

    let route: ProxyRoute
    let host: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let isSecure = route.isSecure
        return channel.eventLoop.makeCompletedFuture {
            let host = channel.eventLoop.makePromise(of: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?.self)
            let operations = channel.pipeline.syncOperations
            try operations.addHandler(HTTPResponseEncoder())
            try operations.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
            try operations.addHandler(AbsoluteTargetHandler())
            let handler = ProxyHandler(route) { context, isWanted in
                guard isWanted else { return host.succeed(nil) }
                host.completeWith(
                    Result {
                        let operations = context.pipeline.syncOperations
                        try operations.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
                        try operations.addHandler(HTTPConnectionStateHandler(idleTimeout: nil, logger: logger))
                        return try NIOAsyncChannel(
                            wrappingChannelSynchronously: context.channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                    })
            }
            try operations.addHandler(handler)
            return Value(channel: channel, host: host.futureResult)
        }
    }

    func handle(value: Value, logger: Logger) async {
        do {
            guard let channel = try await value.host.get() else { return }
            await host.handle(value: channel, logger: logger)
        } catch {
            logger.debug("The connection ended before its first request was handed over", metadata: ["error": "\(error)"])
        }
    }
}
