import NIOCore
import NIOHTTP1

/// One keep-alive connection for requests, one at a time; opened when it is needed, and again after the server has closed it.
///
/// `@unchecked Sendable`: its state is touched on `dialer.eventLoop` only, which every entry checks.
final class HTTPLane: @unchecked Sendable {
    typealias Completion = (Result<HTTPAnswer, EngineClientError>) -> Void

    private struct Exchange {
        let head: HTTPRequestHead
        let body: ByteBuffer?
        let completion: Completion
        /// Set once it has been sent over a connection that an earlier request used.
        var mayRepeat = false
    }

    let dialer: Dialer
    private let limit: Int
    private var channel: (any Channel)?
    private var isFresh = true
    private var exchange: Exchange?
    private var isClosed = false

    init(_ dialer: Dialer, limit: Int) {
        self.dialer = dialer
        self.limit = limit
    }

    var isBusy: Bool { exchange != nil }

    /// Sends a request. There must be no other outstanding.
    func send(_ head: HTTPRequestHead, body: ByteBuffer? = nil, completion: @escaping Completion) {
        dialer.eventLoop.preconditionInEventLoop()
        guard !isClosed, exchange == nil else { return completion(.failure(.connectionLost("the connection was closed here"))) }
        exchange = Exchange(head: head, body: body, completion: completion)
        start()
    }

    /// Drops the connection; a request that is outstanding gets no answer any more.
    func close() {
        dialer.eventLoop.preconditionInEventLoop()
        isClosed = true
        exchange = nil
        channel?.close(mode: .all, promise: nil)
        channel = nil
    }

    private func start() {
        if let channel, channel.isActive {
            exchange?.mayRepeat = true
            isFresh = false
            return write(to: channel)
        }
        channel = nil
        isFresh = true
        let limit = limit
        dialer.dial { [self] channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPRequestEncoder())
            try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
            try pipeline.addHandler(HTTPAnswerHandler(lane: self, limit: limit))
        }.whenComplete { [self] result in
            switch result {
            case .success(let channel):
                guard !isClosed else { return channel.close(mode: .all, promise: nil) }
                self.channel = channel
                write(to: channel)
            case .failure(let error):
                finish(.failure(dialer.problem(error)))
            }
        }
    }

    private func write(to channel: any Channel) {
        guard let exchange else { return }
        channel.write(HTTPClientRequestPart.head(exchange.head), promise: nil)
        if let body = exchange.body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil) }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    private func finish(_ result: Result<HTTPAnswer, EngineClientError>) {
        guard let exchange else { return }
        self.exchange = nil
        exchange.completion(result)
    }

    // From the handler

    func didReceive(_ answer: HTTPAnswer, on channel: any Channel) {
        guard channel === self.channel else { return }
        if !answer.head.isKeepAlive {
            self.channel = nil
            channel.close(mode: .all, promise: nil)
        }
        finish(.success(answer))
    }

    /// `hadBegun`: whether a part of an answer had come.
    func didLose(_ channel: any Channel, hadBegun: Bool, problem: EngineClientError) {
        guard channel === self.channel else { return }
        self.channel = nil
        guard exchange != nil else { return }
        // A server may close an idle connection at the very moment it is used again: as browsers do, try once on a new one.
        if !isFresh, !hadBegun, exchange?.mayRepeat == true {
            exchange?.mayRepeat = false
            return start()
        }
        finish(.failure(problem))
    }
}

/// Hands a connection's responses to its lane.
private final class HTTPAnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let lane: HTTPLane
    private var collector: HTTPAnswerCollector
    private var problem: EngineClientError?

    init(lane: HTTPLane, limit: Int) {
        self.lane = lane
        collector = HTTPAnswerCollector(limit: limit)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard problem == nil else { return }
        do throws(EngineClientError) {
            if let answer = try collector.receive(unwrapInboundIn(data)) { lane.didReceive(answer, on: context.channel) }
        } catch {
            problem = error
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if problem == nil { problem = lane.dialer.failure(error) }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        lane.didLose(
            context.channel, hadBegun: collector.hasBegun || problem != nil,
            problem: problem ?? .connectionLost("the server closed it before it had answered"))
        context.fireChannelInactive()
    }
}
