import EngineIO
import NIOCore
import NIOHTTP1
import SocketIOWire

/// What all connections of a proxy share.
struct ProxyRoute: Sendable {
    let upstream: Upstream
    let enginePath: String
    let maxMessageSize: Int
    let isSecure: Bool
    let observer: ConversationObserver?
    /// Why no new session is let in, if that is so.
    let refusal: @Sendable () -> String?
}

/// Passes the requests of one connection on to the server, and lets those for the proxy's own pages through to the host.
///
/// Confined to the channel's loop. One request at a time: what is pipelined behind it waits, and no more is read then.
final class ProxyHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        /// For the host; it ends with the end of its answer.
        case own
        case forwarding(ForwardedExchange)
        /// Answered, but the rest of the request is still coming.
        case discarding
        case tunnelled
    }

    private let route: ProxyRoute
    /// Called with `true` before the first request for the host, with `false` if there was none.
    private let onOwnRequest: (ChannelHandlerContext, Bool) -> Void
    private var wasOwnTold = false
    private var state = State.idle
    private var waiting: [HTTPServerRequestPart] = []
    private var isReadHeld = false
    private var isQuiescing = false
    private var upstream: UpstreamConnection?
    private var context: ChannelHandlerContext?

    private static let closeTimeout = TimeAmount.seconds(5)

    init(_ route: ProxyRoute, onOwnRequest: @escaping (ChannelHandlerContext, Bool) -> Void) {
        self.route = route
        self.onOwnRequest = onOwnRequest
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        tellOwn(context, false)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        tellOwn(context, false)
        context.fireChannelInactive()
    }

    private func tellOwn(_ context: ChannelHandlerContext, _ isWanted: Bool) {
        guard !wasOwnTold else { return }
        wasOwnTold = true
        onOwnRequest(context, isWanted)
    }

    /// The client has gone, or this connection is no HTTP any more.
    private func end() {
        if case .forwarding(let exchange) = state, !exchange.isOver {
            exchange.isOver = true
            if exchange.isPoll, let session = exchange.session {
                session.pollEnded()
                session.pollingFailed("poll connection closed prematurely")
            }
        }
        if case .tunnelled = state {} else { state = .idle }
        waiting = []
        upstream?.close()
        upstream = nil
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if waiting.isEmpty { take(part, context) } else { waiting.append(part) }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.idle, .head(let head)): begin(head, context)
        case (.own, .body), (.own, .end): context.fireChannelRead(wrapInboundOut(part))
        case (.forwarding(let exchange), .body), (.forwarding(let exchange), .end): add(part, to: exchange, context)
        case (.discarding, .end): finishConnection(keepsAlive: false, context)
        case (.own, .head), (.forwarding, .head), (.discarding, .head): waiting.append(part)
        case (.discarding, .body), (.idle, _), (.tunnelled, _): break
        }
    }

    /// Reading stops while a request waits, or while the server does not take what has been read.
    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { isReadHeld = true }
    }

    private var mayRead: Bool {
        guard waiting.isEmpty else { return false }
        guard case .forwarding(let exchange) = state, !exchange.isRequestComplete else { return true }
        guard let upstream else { return exchange.isPost }
        return upstream.isWritable
    }

    private func resumeReading() {
        guard isReadHeld, mayRead, let context else { return }
        isReadHeld = false
        context.read()
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var head = head
        // Targets in absolute form have been looked at before; what follows knows paths only.
        if !head.uri.hasPrefix("/"), let scheme = head.uri.firstRange(of: "://") {
            let rest = head.uri[scheme.upperBound...]
            head.uri = rest.firstIndex { "/?".contains($0) }.map { String(rest[$0...]) } ?? "/"
        }
        let request = ProxiedRequest(head, enginePath: route.enginePath, remoteAddress: context.channel.remoteAddress?.ipAddress)
        guard request.target != .own else {
            state = .own
            tellOwn(context, true)
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        }
        let exchange = ForwardedExchange(request, keepsAlive: head.isKeepAlive)
        state = .forwarding(exchange)
        if request.target == .engine, request.sid == nil, request.method != .OPTIONS, let reason = route.refusal() {
            return refuse(exchange, .serviceUnavailable, reason)
        }
        if request.target == .engine, let sid = request.sid { exchange.session = route.observer?.session(sid) }
        if exchange.isPoll { exchange.session?.pollBegan() }
        if exchange.isPost, head.headers.first(name: "expect") != nil {
            // The server gets the body as a whole, so it cannot be asked first.
            head.headers.remove(name: "expect")
            pass(.head(HTTPResponseHead(version: .http1_1, status: .continue)), flushes: true)
        }
        exchange.held = [.head(ForwardedHead.request(head, request, upstream: route.upstream, isSecure: route.isSecure))]
        reachUpstream(for: exchange, context)
    }

    private func add(_ part: HTTPServerRequestPart, to exchange: ForwardedExchange, _ context: ChannelHandlerContext) {
        if case .end = part { exchange.isRequestComplete = true }
        if case .body(let bytes) = part { exchange.heldBytes += bytes.readableBytes }
        if exchange.isReleased, let upstream {
            upstream.send(Self.outgoing(part))
            if exchange.isRequestComplete { upstream.flush() }
        } else {
            exchange.held.append(part)
            release(exchange)
        }
    }

    private static func outgoing(_ part: HTTPServerRequestPart) -> HTTPClientRequestPart {
        switch part {
        case .head(let head): .head(head)
        case .body(let bytes): .body(.byteBuffer(bytes))
        case .end(let trailers): .end(trailers)
        }
    }

    // MARK: To the server

    private func reachUpstream(for exchange: ForwardedExchange, _ context: ChannelHandlerContext) {
        if let upstream, upstream.canBeUsedAgain(at: .now()) { return release(exchange) }
        upstream?.close()
        upstream = nil
        let loop = context.eventLoop
        let bound = NIOLoopBound((handler: self, exchange: exchange), eventLoop: loop)
        route.upstream.connect(on: loop).whenComplete { result in
            let (handler, exchange) = bound.value
            handler.reached(result, for: exchange, loop)
        }
    }

    private func reached(_ result: Result<any Channel, any Error>, for exchange: ForwardedExchange, _ loop: any EventLoop) {
        switch result {
        case .success(let channel):
            guard !exchange.isOver else { return channel.close(promise: nil) }
            let connection = UpstreamConnection(receiver: self)
            do {
                try connection.install(on: channel)
                upstream = connection
                release(exchange)
                resumeReading()
            } catch {
                fail(exchange, "\(error)")
            }
        case .failure(let error):
            fail(exchange, route.upstream.problem(error, on: loop))
        }
    }

    /// Sends what is held, if all is there that must be: packets are noted before the server gets them, so that nothing can come of them earlier.
    private func release(_ exchange: ForwardedExchange) {
        guard let upstream, !exchange.isReleased, !exchange.isOver else { return }
        if exchange.isPost, exchange.session != nil, exchange.heldBytes > route.maxMessageSize {
            route.observer?.warnOfSize(route.maxMessageSize)
        } else if exchange.isPost, exchange.session != nil {
            guard exchange.isRequestComplete else { return }
            let head = exchange.held.first
            let type = if case .head(let head)? = head { head.headers.first(name: "content-type") } else { String?.none }
            exchange.session?.received(PollingBody.packets(ofPost: exchange.heldBody, contentType: type, exchange.request), from: .client)
        }
        exchange.isReleased = true
        for part in exchange.held { upstream.send(Self.outgoing(part)) }
        exchange.held = []
        upstream.flush()
    }

    // MARK: To the client

    var takesAnswers: Bool { context?.channel.isWritable ?? false }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { upstream?.resumeReading() }
        context.fireChannelWritabilityChanged()
    }

    private func pass(_ part: HTTPServerResponsePart, flushes: Bool = false) {
        guard let context else { return }
        context.write(wrapOutboundOut(part), promise: nil)
        if flushes { context.flush() }
    }

    private func begin(_ exchange: ForwardedExchange, answer: HTTPResponseHead) {
        let closes = !exchange.keepsAlive || isQuiescing
        let head = ForwardedHead.answer(answer, upstream: route.upstream, closes: closes)
        if exchange.isPoll, answer.status == .ok, route.observer != nil {
            exchange.answer = head
            exchange.holdsAnswer = true
        } else {
            exchange.isAnswerBegun = true
            pass(.head(head))
        }
        guard answer.status.code >= 400, exchange.isPoll || exchange.isPost else { return }
        exchange.session?.pollingFailed("the server answered \(answer.status.code)")
    }

    /// Notes what the answer holds and lets it go.
    private func letGo(_ exchange: ForwardedExchange, isComplete: Bool) {
        guard exchange.holdsAnswer, let head = exchange.answer else { return }
        exchange.holdsAnswer = false
        if isComplete { note(exchange, head) } else { route.observer?.warnOfSize(route.maxMessageSize) }
        exchange.isAnswerBegun = true
        pass(.head(head))
        if exchange.answerBody.readableBytes > 0 { pass(.body(.byteBuffer(exchange.answerBody))) }
        exchange.answerBody = ByteBuffer()
    }

    private func note(_ exchange: ForwardedExchange, _ head: HTTPResponseHead) {
        let type = head.headers.first(name: "content-type")
        var packets = PollingBody.packets(ofAnswer: exchange.answerBody, contentType: type, exchange.request)
        if exchange.session == nil, exchange.request.sid == nil, let first = packets.first {
            // Not of `exchange`: its poll was none of a session.
            let session = route.observer?.open(first, exchange.request, transport: .polling)
            packets.removeFirst()
            session?.received(packets, from: .server)
        } else {
            exchange.session?.received(packets, from: .server)
        }
    }

    private func finish(_ exchange: ForwardedExchange, _ context: ChannelHandlerContext) {
        exchange.isOver = true
        if exchange.isPoll { exchange.session?.pollEnded() }
        if exchange.isPost { exchange.session?.postEnded() }
        if exchange.isRequestComplete, let upstream {
            upstream.becameIdle(keepsAlive: exchange.keepsUpstreamAlive)
        } else {
            upstream?.close()
            upstream = nil
        }
        guard exchange.isRequestComplete else { return state = .discarding }
        finishConnection(keepsAlive: exchange.keepsAlive && !isQuiescing, context)
    }

    private func finishConnection(keepsAlive: Bool, _ context: ChannelHandlerContext) {
        state = .idle
        guard keepsAlive else { return closeWhenSent(context) }
        takeWaiting(context)
    }

    private func takeWaiting(_ context: ChannelHandlerContext) {
        var parts = waiting[...]
        waiting = []
        while let part = parts.popFirst() {
            take(part, context)
            if !waiting.isEmpty { break }
        }
        waiting += parts
        context.fireChannelReadComplete()
        resumeReading()
    }

    /// What was written leaves before the connection ends.
    private func closeWhenSent(_ context: ChannelHandlerContext) {
        guard context.channel.isActive, let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        else {
            return context.close(promise: nil)
        }
        let channel = context.channel
        let overdue = context.eventLoop.scheduleTask(in: Self.closeTimeout) { channel.close(promise: nil) }
        let sent = context.eventLoop.makePromise(of: Void.self)
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: sent)
        sent.futureResult.whenComplete { _ in
            overdue.cancel()
            channel.close(promise: nil)
        }
    }

    /// The server cannot be reached, or broke off.
    private func fail(_ exchange: ForwardedExchange, _ problem: String) {
        guard let context, !exchange.isOver else { return }
        upstream?.close()
        upstream = nil
        exchange.isOver = true
        if exchange.isPoll { exchange.session?.pollEnded() }
        guard !exchange.isAnswerBegun else { return context.close(promise: nil) }
        refuse(exchange, .badGateway, "The server \(route.upstream.origin) does not answer: \(problem)")
    }

    /// Answers in the server's place.
    private func refuse(_ exchange: ForwardedExchange, _ status: HTTPResponseStatus, _ reason: String) {
        guard let context else { return }
        exchange.isOver = true
        let body = ByteBuffer(string: reason + "\n")
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "Content-Length": "\(body.readableBytes)", "Connection": "close",
        ]
        pass(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        pass(.body(.byteBuffer(body)))
        pass(.end(nil), flushes: true)
        if exchange.isRequestComplete { finishConnection(keepsAlive: false, context) } else { state = .discarding }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        guard case .end = part, case .own = state else { return context.write(data, promise: promise) }
        context.writeAndFlush(data, promise: promise)
        state = .idle
        if isQuiescing { closeWhenSent(context) } else { takeWaiting(context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            quiesce(context)
        case ChannelEvent.inputClosed:
            if case .own = state { break }
            if !wasOwnTold { context.close(promise: nil) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func quiesce(_ context: ChannelHandlerContext) {
        switch state {
        case .idle where !wasOwnTold: closeWhenSent(context)
        case .forwarding(let exchange) where exchange.isPoll && exchange.session != nil && !exchange.isAnswerBegun:
            // A poll may hang for long; its client is told that it is over.
            exchange.session?.proxyEnds()
            let (body, _) = exchange.request.revision.body(of: [EnginePacket(.close)])
            exchange.isOver = true
            upstream?.close()
            upstream = nil
            let headers: HTTPHeaders = [
                "Content-Type": "text/plain; charset=UTF-8", "Content-Length": "\(body.readableBytes)", "Connection": "close",
            ]
            pass(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)))
            pass(.body(.byteBuffer(body)))
            pass(.end(nil), flushes: true)
            finishConnection(keepsAlive: false, context)
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if wasOwnTold { return context.fireErrorCaught(error) }
        context.close(promise: nil)
    }
}

extension ProxyHandler: UpstreamReceiver {
    func upstream(_ connection: UpstreamConnection, answered part: HTTPClientResponsePart) {
        guard let context, connection === upstream, case .forwarding(let exchange) = state, !exchange.isOver else { return }
        switch part {
        case .head(let head):
            if head.status == .switchingProtocols { return exchange.answer = head }
            if head.status.code < 200 { return pass(.head(head), flushes: true) }
            exchange.keepsUpstreamAlive = head.isKeepAlive
            begin(exchange, answer: head)
        case .body(let bytes):
            guard exchange.holdsAnswer else { return pass(.body(.byteBuffer(bytes))) }
            exchange.answerBody.writeImmutableBuffer(bytes)
            if exchange.answerBody.readableBytes > route.maxMessageSize { letGo(exchange, isComplete: false) }
        case .end(let trailers):
            if let head = exchange.answer, head.status == .switchingProtocols { return tunnel(exchange, head, connection, context) }
            letGo(exchange, isComplete: true)
            pass(.end(trailers), flushes: true)
            finish(exchange, context)
        }
    }

    func upstreamCompletedRead(_ connection: UpstreamConnection) { context?.flush() }

    func upstreamBecameWritable(_ connection: UpstreamConnection) { resumeReading() }

    func upstreamClosed(_ connection: UpstreamConnection, _ error: (any Error)?) {
        guard connection === upstream else { return }
        upstream = nil
        guard case .forwarding(let exchange) = state else { return }
        fail(exchange, error.map { "\($0)" } ?? "it closed the connection")
    }

    /// Both sides have agreed on a WebSocket: from here on bytes are passed on as they are.
    private func tunnel(
        _ exchange: ForwardedExchange, _ head: HTTPResponseHead, _ connection: UpstreamConnection, _ context: ChannelHandlerContext
    ) {
        exchange.isOver = true
        state = .tunnelled
        upstream = nil
        let (route, loop) = (route, context.eventLoop)
        let observer = exchange.request.target == .engine ? route.observer : nil
        let observed = observer.map { ObservedWebSocket(exchange.request, observer: $0, maxMessageSize: route.maxMessageSize) }
        let (client, server) = Tunnel.make(
            see: { observed?.passed($0, from: $1) },
            ended: { side, error in observed?.ended(by: side, error) { route.upstream.isGone(on: loop) } },
            proxyEnds: { observed?.proxyEnds() })
        pass(.head(ForwardedHead.answer(head, upstream: route.upstream, closes: false)), flushes: true)
        tellOwn(context, false)
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(client, position: .after(self))
            pipeline.removeHandler(context: try pipeline.context(handlerType: HTTPResponseEncoder.self), promise: nil)
            pipeline.removeHandler(context: try pipeline.context(handlerType: AbsoluteTargetHandler.self), promise: nil)
            pipeline.removeHandler(context: context, promise: nil)
            pipeline.removeHandler(
                context: try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self), promise: nil)
            try connection.becomeTunnel(server)
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }
}
