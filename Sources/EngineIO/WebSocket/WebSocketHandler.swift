import NIOCore
import SocketIOWire
import Synchronization

/// The channel's side of a WebSocket: bytes in, messages to the session; frames out.
///
/// Confined to the channel's loop. Sendable by hand: its transport reaches it on that loop only.
final class WebSocketHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long a client may take to answer a close frame.
    private static let closeTimeout = TimeAmount.seconds(2)

    private var decoder: WebSocketFrameDecoder
    private let drainTimeout: TimeAmount
    private var context: ChannelHandlerContext?
    private var session: EngineConnection?
    private var transport: WebSocketTransport?
    /// The session is on another loop: messages of one read travel together.
    private var travelling: [WebSocketMessage] = []
    private var isClosing = false

    /// - Parameters:
    ///   - inflates: whether permessage-deflate was agreed on.
    ///   - drainTimeout: how long what is written before a close frame may take to leave (trap 23 of the behaviour notes).
    init(maxMessageSize: Int, inflates: Bool, drainTimeout: TimeAmount) {
        decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: maxMessageSize, inflates: inflates)
        self.drainTimeout = drainTimeout
    }

    /// Connects the channel with its session; on the channel's loop, before anything is read.
    func attach(_ session: EngineConnection, _ transport: WebSocketTransport) {
        self.session = session
        self.transport = transport
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        detach(detail: nil)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing || session == nil else { return discard(unwrapInboundIn(data)) }
        let bytes = unwrapInboundIn(data)
        let count = bytes.readableBytes
        decoder.append(bytes)
        session?.count(incoming: count)
        do throws(WebSocketError) {
            while let message = try decoder.next() { receive(message) }
        } catch {
            fail(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard let session, let transport else { return }
        if transport.isLocal {
            session.flush()
        } else if !travelling.isEmpty {
            let messages = travelling
            travelling.removeAll(keepingCapacity: true)
            session.eventLoop.execute {
                for message in messages { session.webSocket(transport, received: message) }
            }
        }
    }

    private func receive(_ message: WebSocketMessage) {
        switch message {
        case .ping(let payload):
            var frame = ByteBuffer()
            WebSocketFrameEncoder.write(.pong, payload: payload, into: &frame)
            write(frame)
        case .pong:
            break
        case .close(let code, _):
            close(code: code)
            context?.close(promise: nil)
        case .text, .binary:
            guard let session, let transport else { return }
            if transport.isLocal {
                session.webSocket(transport, received: message)
            } else {
                travelling.append(message)
            }
        }
    }

    /// Once a close frame is out, only the client's own is of interest.
    private func discard(_ bytes: ByteBuffer) {
        decoder.append(bytes)
        do throws(WebSocketError) {
            while let message = try decoder.next() {
                if case .close = message { context?.close(promise: nil) }
            }
        } catch {
            context?.close(promise: nil)
        }
    }

    private func fail(_ error: WebSocketError) {
        detach(detail: error.description)
        close(code: error.closeCode)
    }

    private func detach(detail: String?) {
        guard let session, let transport else { return }
        self.session = nil
        self.transport = nil
        let messages = travelling
        travelling = []
        Self.perform(on: session) {
            for message in messages { session.webSocket(transport, received: message) }
            session.webSocketClosed(transport, failure: detail)
        }
    }

    private static func perform(on session: EngineConnection, _ body: @escaping @Sendable () -> Void) {
        if session.eventLoop.inEventLoop { body() } else { session.eventLoop.execute(body) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        detach(detail: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        detach(detail: "\(error)")
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        noteUnsent(context)
        guard context.channel.isWritable, let session else { return }
        Self.perform(on: session) { session.flush() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            if let session {
                Self.perform(on: session) { session.close(reason: .serverShuttingDown, detail: nil) }
            } else {
                close(code: nil)
            }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Out

    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        if !context.channel.isWritable { noteUnsent(context) }
    }

    /// Lets the session know what the network has not taken.
    private func noteUnsent(_ context: ChannelHandlerContext) {
        let bytes = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        // A channel that has no such option has no bound either; its writability still holds the session back.
        transport?.unsentBytes.store(bytes ?? 0, ordering: .relaxed)
    }

    func close(code: UInt16?) {
        guard !isClosing, let context else { return }
        isClosing = true
        var frame = ByteBuffer()
        WebSocketFrameEncoder.writeClose(code: code, into: &frame)
        let channel = context.channel
        let loop = context.eventLoop
        let overdue = loop.scheduleTask(in: max(drainTimeout, Self.closeTimeout)) { channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in
            overdue.cancel()
            loop.scheduleTask(in: Self.closeTimeout) { channel.close(promise: nil) }
        }
    }

    func abort() {
        context?.close(promise: nil)
    }
}
