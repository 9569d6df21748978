import NIOCore
import NIOHTTP1

/// Hears what the server answers. On the connection's event loop.
protocol UpstreamReceiver: AnyObject {
    func upstream(_ connection: UpstreamConnection, answered part: HTTPClientResponsePart)
    func upstreamCompletedRead(_ connection: UpstreamConnection)
    func upstreamBecameWritable(_ connection: UpstreamConnection)
    /// Nothing more comes. `error` is nil if it was closed in order.
    func upstreamClosed(_ connection: UpstreamConnection, _ error: (any Error)?)
    /// Whether more may be read: a client that does not take its answer must not fill the memory.
    var takesAnswers: Bool { get }
}

/// One HTTP connection to the server, for one client's connection. Confined to the event loop that both share.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// Servers close a connection that is idle for long, some after few seconds, and a request on its way is lost then.
    private static let maxIdle = TimeAmount.seconds(2)

    private(set) weak var receiver: (any UpstreamReceiver)?
    private var context: ChannelHandlerContext?
    private var isReadHeld = false
    private var error: (any Error)?
    private var idleSince = NIODeadline.now()
    /// The server lets it be used again.
    private var isReusable = true

    init(receiver: any UpstreamReceiver) { self.receiver = receiver }

    /// Puts HTTP and this on a fresh connection.
    func install(on channel: any Channel) throws {
        let operations = channel.pipeline.syncOperations
        try operations.addHandler(HTTPRequestEncoder())
        try operations.addHandler(
            ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .forward)))
        try operations.addHandler(self)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func send(_ part: HTTPClientRequestPart) { context?.write(wrapOutboundOut(part), promise: nil) }
    func flush() { context?.flush() }
    func close() {
        receiver = nil
        context?.close(promise: nil)
    }

    /// An answer is complete.
    func becameIdle(keepsAlive: Bool) {
        idleSince = .now()
        isReusable = keepsAlive
    }

    func canBeUsedAgain(at now: NIODeadline) -> Bool {
        isReusable && context?.channel.isActive == true && now - idleSince < Self.maxIdle
    }

    /// Takes HTTP off the connection and puts `tunnel` on it.
    func becomeTunnel(_ tunnel: Tunnel) throws {
        guard let context else { throw ChannelError.ioOnClosedChannel }
        receiver = nil
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(tunnel, position: .after(self))
        pipeline.removeHandler(context: try pipeline.context(handlerType: HTTPRequestEncoder.self), promise: nil)
        pipeline.removeHandler(context: context, promise: nil)
        pipeline.removeHandler(context: try pipeline.context(handlerType: ByteToMessageHandler<HTTPResponseDecoder>.self), promise: nil)
    }

    // MARK: Channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { receiver?.upstream(self, answered: unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        receiver?.upstreamCompletedRead(self)
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { receiver?.upstreamBecameWritable(self) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        receiver?.upstreamClosed(self, error)
        receiver = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = error
        context.close(promise: nil)
    }

    func read(context: ChannelHandlerContext) {
        if receiver?.takesAnswers ?? true { context.read() } else { isReadHeld = true }
    }

    func resumeReading() {
        guard isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }
}

extension UpstreamConnection: RemovableChannelHandler {}
