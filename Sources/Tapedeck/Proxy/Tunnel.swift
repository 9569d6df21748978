import NIOCore
import SocketIOWire

/// One end of a WebSocket that is passed on byte by byte. Confined to the event loop that both ends share.
final class Tunnel: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let side: ObservedConnection.Side
    private let see: (ByteBuffer, ObservedConnection.Side) -> Void
    private let ended: (ObservedConnection.Side, (any Error)?) -> Void
    private let proxyEnds: () -> Void
    private var partner: Tunnel?
    private var context: ChannelHandlerContext?
    private var isReadHeld = false
    private var error: (any Error)?

    /// How long one may take to accept the rest when the other end is gone.
    private static let closeTimeout = TimeAmount.seconds(5)

    /// The two ends; `see` gets the bytes before the other side does, `proxyEnds` is called before both are closed at a drain.
    static func make(
        see: @escaping (ByteBuffer, ObservedConnection.Side) -> Void,
        ended: @escaping (ObservedConnection.Side, (any Error)?) -> Void, proxyEnds: @escaping () -> Void
    ) -> (client: Tunnel, server: Tunnel) {
        let client = Tunnel(.client, see, ended, proxyEnds)
        let server = Tunnel(.server, see, ended, proxyEnds)
        client.partner = server
        server.partner = client
        return (client, server)
    }

    private init(
        _ side: ObservedConnection.Side, _ see: @escaping (ByteBuffer, ObservedConnection.Side) -> Void,
        _ ended: @escaping (ObservedConnection.Side, (any Error)?) -> Void, _ proxyEnds: @escaping () -> Void
    ) {
        self.side = side
        self.see = see
        self.ended = ended
        self.proxyEnds = proxyEnds
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard let partner else { return }
        see(bytes, side)
        partner.write(bytes)
    }

    /// Flushed at once: what came in one piece with the answer that made it a WebSocket is not followed by the end of a read.
    private func write(_ bytes: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }

    func read(context: ChannelHandlerContext) {
        if partner?.context?.channel.isWritable ?? true { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let partner, partner.isReadHeld {
            partner.isReadHeld = false
            partner.context?.read()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: context.close(promise: nil)
        case is ChannelShouldQuiesceEvent: sayGoodbye()
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard let partner else { return }
        self.partner = nil
        partner.partner = nil
        ended(side, error)
        partner.closeWhenSent()
    }

    private func closeWhenSent() {
        guard let context else { return }
        let channel = context.channel
        let overdue = context.eventLoop.scheduleTask(in: Self.closeTimeout) { channel.close(promise: nil) }
        // Nothing, but it leaves behind all the rest.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            overdue.cancel()
            channel.close(promise: nil)
        }
    }

    /// The proxy ends: each side gets a proper close frame (RFC 6455, section 7.4.1: going away).
    private func sayGoodbye() {
        guard let partner else { return }
        proxyEnds()
        // What comes now is passed on no more: it would not be on the tape.
        self.partner = nil
        partner.partner = nil
        for end in [self, partner] {
            var frame = ByteBuffer()
            WebSocketFrameEncoder.writeClose(code: 1001, mask: end.side == .server ? UInt32.random(in: 0...UInt32.max) : nil, into: &frame)
            end.write(frame)
            end.closeWhenSent()
        }
    }
}
