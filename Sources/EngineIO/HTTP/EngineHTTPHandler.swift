import HTTPTypes
package import NIOCore
import NIOHTTP1
package import NIOHTTPTypes

/// Takes the requests below the engine's path from an HTTP connection and lets all others pass on to the host.
///
/// Confined to the channel's loop; one per connection. Requests that are pipelined behind one under way wait, and no more is read then.
package final class EngineHTTPHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    private enum State {
        case idle
        /// A request of ours: its body is collected, or it waits for its answer.
        case own(OwnRequest)
        /// Our answer is out, but the rest of the body is still coming.
        case discarding(closes: Bool)
        /// The host's; it ends with the end of its answer.
        case foreign
        /// WebSocket now.
        case upgraded
    }

    private let engine: Engine
    /// Called with `true` before the first request that is not the engine's is passed on, with `false` if there was none.
    private let onForeignRequest: (ChannelHandlerContext, Bool) -> Void
    private var wasForeignTold = false
    private var state = State.idle
    private var waiting: [HTTPRequestPart] = []
    private var isReadHeld = false
    private var isQuiescing = false
    private var isClosing = false
    private var context: ChannelHandlerContext?

    /// How long one may take to accept the rest of its answer when the connection ends.
    private static let closeTimeout = TimeAmount.seconds(2)

    init(engine: Engine, onForeignRequest: @escaping (ChannelHandlerContext, Bool) -> Void) {
        self.engine = engine
        self.onForeignRequest = onForeignRequest
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) {
        end(context)
        self.context = nil
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    private func end(_ context: ChannelHandlerContext) {
        if case .own(let request) = state { request.responder.abort() }
        if case .upgraded = state {} else { state = .idle }
        waiting = []
        tellForeign(context, false)
    }

    private func tellForeign(_ context: ChannelHandlerContext, _ isWanted: Bool) {
        guard !wasForeignTold else { return }
        wasForeignTold = true
        onForeignRequest(context, isWanted)
    }

    // MARK: In

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if waiting.isEmpty { take(part, context) } else { waiting.append(part) }
    }

    private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.idle, .head(let head)):
            begin(head, context)
        case (.own(let request), .body(let bytes)):
            collect(bytes, for: request)
        case (.own(let request), .end) where !request.isComplete:
            request.isComplete = true
            complete(request)
        case (.discarding(let closes), .end):
            finishOwn(closes: closes, context)
        case (.discarding, .body), (.idle, _), (.upgraded, _):
            break
        case (.foreign, .body), (.foreign, .end):
            context.fireChannelRead(wrapInboundOut(part))
        case (.own, _), (.foreign, .head), (.discarding, .head):
            waiting.append(part)
        }
    }

    /// The body of a request is never more than this handler and the engine's limit allow, so reading stops while a pipelined request waits.
    package func read(context: ChannelHandlerContext) {
        if waiting.isEmpty { context.read() } else { isReadHeld = true }
    }

    private func takeWaiting(_ context: ChannelHandlerContext) {
        guard !waiting.isEmpty else { return }
        var parts = waiting[...]
        waiting = []
        while let part = parts.popFirst() {
            take(part, context)
            if !waiting.isEmpty { break }
        }
        waiting += parts
        context.fireChannelReadComplete()
        if waiting.isEmpty, isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    private func begin(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard engine.takes(path: head.path ?? "") else {
            state = .foreign
            tellForeign(context, true)
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        }
        let request = EngineRequest(
            head, remoteAddress: context.channel.remoteAddress?.ipAddress, isSecure: head.scheme == "https", at: engine.wallClock())
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let own = OwnRequest(
            request,
            responder: EngineResponder(request, channelLoop: context.eventLoop) { response in bound.value.write(response, to: request) })
        state = .own(own)
        if let length = head.headerFields[.contentLength].flatMap(Int.init), length > engine.options.maxHTTPBufferSize,
            request.method == .post
        {
            return refuseLargeBody(own)
        }
        if request.method == .post { engine.beginPost(own) }
        if head.headerFields[.expect]?.lowercased() == "100-continue", !own.responder.hasResponded {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
    }

    private func collect(_ bytes: ByteBuffer, for request: OwnRequest) {
        guard request.body.readableBytes + bytes.readableBytes <= engine.options.maxHTTPBufferSize else { return refuseLargeBody(request) }
        request.body.writeImmutableBuffer(bytes)
    }

    /// 413, and the session lives on (trap 16 of the behaviour notes).
    private func refuseLargeBody(_ request: OwnRequest) {
        engine.refusedLargeBody(request)
        request.responder.respond(.empty(.contentTooLarge))
    }

    private func complete(_ own: OwnRequest) {
        guard !own.responder.hasResponded, let context else { return }
        let isUpgrade = own.request.isWebSocketUpgrade
        let bound = NIOLoopBound((handler: self, own: own), eventLoop: context.eventLoop)
        engine.throughMiddleware(own.responder, isUpgrade: isUpgrade) {
            let (handler, own) = bound.value
            handler.passOn(own, isUpgrade: isUpgrade)
        }
    }

    private func passOn(_ own: OwnRequest, isUpgrade: Bool) {
        guard let context, !own.responder.hasResponded else { return }
        if isUpgrade {
            let upgrader = WebSocketUpgrader(channel: context.channel, handler: NIOLoopBound(self, eventLoop: context.eventLoop))
            engine.upgrade(own.request, own.responder, upgrader)
        } else {
            engine.handle(own)
        }
    }

    // MARK: Out

    private func write(_ response: EngineResponse, to request: EngineRequest) {
        guard let context, case .own(let own) = state else { return }
        guard !response.isHangUp else { return context.close(promise: nil) }
        let closes = isQuiescing || request.headers[.connection]?.lowercased() == "close" || response.headers[.connection] == "close"
        var head = HTTPResponse(status: response.status, headerFields: engine.headers(for: response, to: request))
        if response.status != .notModified, response.status != .noContent || request.method == .options {
            head.headerFields[.contentLength] = head.headerFields[.contentLength] ?? String(response.body.readableBytes)
        }
        if closes { head.headerFields[.connection] = "close" }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if response.body.readableBytes > 0, request.method != .head { context.write(wrapOutboundOut(.body(response.body)), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if own.isComplete { finishOwn(closes: closes, context) } else { state = .discarding(closes: closes) }
    }

    private func finishOwn(closes: Bool, _ context: ChannelHandlerContext) {
        state = .idle
        if closes { close(context: context, mode: .all, promise: nil) } else { takeWaiting(context) }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        guard case .end = part, case .foreign = state else { return }
        state = .idle
        if isQuiescing { close(context: context, mode: .all, promise: nil) } else { takeWaiting(context) }
    }

    /// What was written leaves before the connection ends, whoever ends it: a channel that closes drops what the network has not taken.
    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, !isClosing, context.channel.isActive else { return context.close(mode: mode, promise: promise) }
        context.flush()
        let channel = context.channel
        // A stream of HTTP/2 has no encoder; it ends with its answer.
        guard (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 > 0,
            let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        else { return context.close(mode: mode, promise: promise) }
        isClosing = true
        // Nothing, but it leaves behind all the rest.
        let sent = context.eventLoop.makePromise(of: Void.self)
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: sent)
        let overdue = context.eventLoop.scheduleTask(in: Self.closeTimeout) { channel.close(promise: nil) }
        sent.futureResult.whenComplete { _ in
            overdue.cancel()
            channel.close(promise: promise)
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            engine.beginShutdown()
            if case .idle = state, !wasForeignTold { close(context: context, mode: .all, promise: nil) }
        case ChannelEvent.inputClosed:
            // A client that closes its side while its poll hangs has gone.
            if case .own = state { context.close(promise: nil) } else if !wasForeignTold { context.close(promise: nil) }
        default:
            break
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if wasForeignTold { return context.fireErrorCaught(error) }
        context.close(promise: nil)
    }

    // MARK: WebSocket

    /// Turns the connection into a WebSocket: answers 101 and puts `handler` in the place of all HTTP handlers.
    func becomeWebSocket(_ handler: WebSocketHandler, headers: HTTPFields) throws {
        guard let context else { throw ChannelError.ioOnClosedChannel }
        state = .upgraded
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponse(status: .switchingProtocols, headerFields: headers))), promise: nil)
        tellForeign(context, false)
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(handler, position: .before(self))
        try HTTPPipeline.remove(from: pipeline)
        pipeline.removeHandler(context: context, promise: nil)
        try HTTPPipeline.removeDecoder(from: pipeline)
    }
}

/// One request below the engine's path. Confined to the channel's loop.
final class OwnRequest {
    let request: EngineRequest
    let responder: EngineResponder
    var body = ByteBuffer()
    var isComplete = false
    /// The session that a POST is for.
    var session: EngineConnection?

    init(_ request: EngineRequest, responder: EngineResponder) {
        self.request = request
        self.responder = responder
    }
}
