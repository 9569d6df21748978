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
        transport.fail(error is HTTPParserError ? .malformed("no HTTP response (\(error))") : .connectionLost(Dialer.words(error)))
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
        do {
            try pipeline.addHandler(WebSocketFrameHandler(transport: transport, limit: limit), position: .after(self))
        } catch {
            return transport.fail(.connectionLost("\(error)"))
        }
        // The decoder goes last: leaving, it hands on what it has read of the first frames. Nothing is sent before it has gone,
        // but the encoder has, so that frames are not taken for requests.
        pipeline.removeHandler(name: Self.encoderName, promise: nil)
        let channel = context.channel
        let transport = transport
        transport.didUpgrade(channel)
        pipeline.removeHandler(context: context, promise: nil)
        pipeline.removeHandler(name: Self.decoderName, promise: nil)
    }
}

/// Bytes in, messages out.
private final class WebSocketFrameHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let transport: WebSocketTransport
    private var decoder: WebSocketFrameDecoder
    private var isBroken = false

    init(transport: WebSocketTransport, limit: Int) {
        self.transport = transport
        decoder = WebSocketFrameDecoder(role: .client, maxMessageSize: limit)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        decoder.append(unwrapInboundIn(data))
        do throws(WebSocketError) {
            while let message = try decoder.next() { transport.didReceive(message) }
        } catch {
            isBroken = true
            transport.didFailToRead(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        transport.fail(.connectionLost(Dialer.words(error)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        transport.fail(.connectionLost("the server closed it without a close frame"))
        context.fireChannelInactive()
    }
}
