import EngineIO
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import SocketIO

/// One TCP connection of a Hummingbird server that speaks Socket.IO below its path and leaves all else to the host.
///
/// Requests below the Socket.IO path are answered on the event loop. Hummingbird's own asynchronous half is built only when the first
/// other request arrives, so an idle WebSocket costs no task and no stream.
struct SocketIOChannel: ServerChildChannel {
    struct Value: ServerChildChannelValue {
        let channel: any Channel
        /// Hummingbird's half, once a request wants it; `nil` if the connection ended without.
        let host: EventLoopFuture<NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?>
    }

    let io: SocketIOServer
    let host: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let host = channel.eventLoop.makePromise(of: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>?.self)
            let operations = channel.pipeline.syncOperations
            try HTTPPipeline.add(to: operations, secure: false)
            let handler = io.engine.makeHTTPHandler { context, isWanted in
                guard isWanted else { return host.succeed(nil) }
                host.completeWith(
                    Result {
                        try context.pipeline.syncOperations.addHandler(HTTPConnectionStateHandler(idleTimeout: nil, logger: logger))
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
