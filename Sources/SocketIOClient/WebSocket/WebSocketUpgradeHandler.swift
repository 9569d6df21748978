import NIOCore
import NIOHTTP1
import SocketIOWire

/// Asks for the WebSocket and, once the server has agreed, makes place for the frames.
final class WebSocketUpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    static let encoderName = "websocket.request"
    static let decoderName = "websocket.response"

    private let transport: WebSocketTransport
    private let head: HTTPRequestHead
    private let expectedAccept: String
    private let limit: Int
    private var collector: HTTPAnswerCollector
    private var isDone = false

    init(transport: WebSocketTransport, head: HTTPRequestHead, expectedAccept: String, limit: Int) {
        self.transport = transport
        self.head = head
        self.expectedAccept = expectedAccept
        self.limit = limit
        // Only the body of a refusal is read before the upgrade.
        collector = HTTPAnswerCollector(limit: limit)
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        do throws(EngineClientError) {
            guard let answer = try collector.receive(unwrapInboundIn(data)) else { return }
            isDone = true
            try check(answer)
            upgrade(context)
        } catch {
            isDone = true
            transport.fail(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone else { return }
        isDone = true
        transport.fail(transport.dialer.failure(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { transport.fail(.connectionLost("the server closed it before it had answered")) }
        context.fireChannelInactive()
    }

    private func check(_ answer: HTTPAnswer) throws(EngineClientError) {
        guard answer.head.status == .switchingProtocols else { throw ErrorBody.error(of: answer) }
        guard answer.head.headers.first(name: "upgrade")?.lowercased() == "websocket" else {
            throw .malformed("a 101 response without \"Upgrade: websocket\"")
        }
        guard answer.head.headers.first(name: "sec-websocket-accept") == expectedAccept else {
            throw .malformed("a 101 response whose Sec-WebSocket-Accept does not fit the key")
        }
        guard !answer.head.headers.contains(name: "sec-websocket-extensions") else {
            throw .malformed("a WebSocket extension that was not asked for")
        }
    }

    private func upgrade(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let channel = context.channel
        let transport = transport
        let frames = WebSocketFrameHandler(transport: transport, limit: limit)
        do {
            try pipeline.addHandler(frames, position: .after(self))
        } catch {
            return transport.fail(.connectionLost("\(error)"))
        }
        pipeline.removeHandler(name: Self.encoderName, promise: nil)
        pipeline.removeHandler(context: context, promise: nil)
        // The decoder leaves with the loop's next turn, handing on what it has read of the first frames. It looks at what is written too and
        // takes it for requests, so nothing may be written, and therefore nothing read, before it has gone.
        let removed = channel.eventLoop.makePromise(of: Void.self)
        removed.futureResult.assumeIsolated().whenComplete { _ in
            transport.didUpgrade(channel)
            frames.start()
        }
        pipeline.removeHandler(name: Self.decoderName, promise: removed)
    }
}

/// Bytes in, messages out, once it has been started.
private final class WebSocketFrameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let transport: WebSocketTransport
    private var decoder: WebSocketFrameDecoder
    private var isStarted = false
    private var isBroken = false
    /// How the connection ended, if it did.
    private var end: EngineClientError?

    init(transport: WebSocketTransport, limit: Int) {
        self.transport = transport
        decoder = WebSocketFrameDecoder(role: .client, maxMessageSize: limit)
    }

    func start() {
        isStarted = true
        read()
        if let end { transport.fail(end) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        if isStarted { read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(transport.dialer.failure(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.connectionLost("the server closed it without a close frame"))
        context.fireChannelInactive()
    }

    private func read() {
        guard !isBroken else { return }
        do throws(WebSocketError) {
            while let message = try decoder.next() { transport.didReceive(message) }
        } catch {
            isBroken = true
            transport.didFailToRead(error)
        }
    }

    private func ended(_ error: EngineClientError) {
        end = error
        if isStarted { transport.fail(error) }
    }
}
