package import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// The handlers that make HTTP of a channel: put there for a connection, taken away for a WebSocket.
package enum HTTPPipeline {
    /// Adds the handlers of HTTP/1.1. On the channel's loop.
    package static func add(to pipeline: ChannelPipeline.SynchronousOperations, secure: Bool) throws {
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
        try pipeline.addHandler(AbsoluteTargetHandler())
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: secure))
    }

    static func remove(from pipeline: ChannelPipeline.SynchronousOperations) throws {
        pipeline.removeHandler(context: try pipeline.context(handlerType: HTTP1ToHTTPServerCodec.self), promise: nil)
        // A host that built the pipeline has none.
        if let context = try? pipeline.context(handlerType: AbsoluteTargetHandler.self) {
            pipeline.removeHandler(context: context, promise: nil)
        }
        pipeline.removeHandler(context: try pipeline.context(handlerType: HTTPResponseEncoder.self), promise: nil)
    }

    /// Comes last: what the decoder has read beyond the request goes to the handler that is then next.
    static func removeDecoder(from pipeline: ChannelPipeline.SynchronousOperations) throws {
        pipeline.removeHandler(context: try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self), promise: nil)
    }
}
