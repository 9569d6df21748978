import EngineIO
import NIOCore
import SocketIOWire

/// Reads along on one WebSocket, both ways. Confined to the event loop of its connection.
final class ObservedWebSocket {
    private let observer: ConversationObserver
    private let request: ProxiedRequest
    private var session: ObservedSession?
    private var fromClient: WebSocketFrameDecoder
    private var fromServer: WebSocketFrameDecoder
    /// Which side has said, by a frame, that it closes.
    private var closing: ObservedConnection.Side?
    /// What cannot be read any more is only passed on.
    private var isBlind = false
    private var isOver = false

    /// - Parameter maxMessageSize: in bytes; a larger message is passed on all the same, and the rest of the connection with it unseen.
    init(_ request: ProxiedRequest, observer: ConversationObserver, maxMessageSize: Int) {
        self.request = request
        self.observer = observer
        session = request.sid.flatMap { observer.session($0) }
        fromClient = WebSocketFrameDecoder(role: .server, maxMessageSize: maxMessageSize)
        fromServer = WebSocketFrameDecoder(role: .client, maxMessageSize: maxMessageSize)
        session?.webSocketBegan()
    }

    /// Bytes that one side has sent and the other has not got yet.
    func passed(_ bytes: ByteBuffer, from side: ObservedConnection.Side) {
        guard !isBlind else { return }
        do throws(WebSocketError) {
            if side == .client {
                fromClient.append(bytes)
                while let message = try fromClient.next() { read(message, from: side) }
            } else {
                fromServer.append(bytes)
                while let message = try fromServer.next() { read(message, from: side) }
            }
        } catch {
            isBlind = true
            observer.warn("what a WebSocket carries from here on is not recorded", error)
        }
    }

    private func read(_ message: WebSocketMessage, from side: ObservedConnection.Side) {
        let packet: EnginePacket
        do throws(EnginePacketError) {
            switch message {
            case .text(let text): packet = try request.revision.packet(text: text)
            case .binary(let bytes): packet = try request.revision.packet(binary: bytes)
            case .close:
                closing = closing ?? side
                return
            case .ping, .pong: return
            }
        } catch {
            return observer.warn("a WebSocket message that is no packet of Engine.IO is not recorded", error)
        }
        if session == nil, side == .server {
            session = observer.open(packet, request, transport: .webSocket)
            session?.webSocketBegan()
        } else {
            session?.received([packet], from: side)
        }
    }

    func proxyEnds() {
        isOver = true
        session?.proxyEnds()
    }

    /// One side has ended the connection.
    ///
    /// - Parameter isServerGone: asks whether the server still takes connections.
    func ended(by side: ObservedConnection.Side, _ error: (any Error)?, isServerGone: () -> EventLoopFuture<Bool>) {
        guard !isOver, let session else { return }
        isOver = true
        session.webSocketEnded()
        // One that was only tried: the session goes on by polling.
        guard session.isOnWebSocket else { return }
        switch closing ?? side {
        case .client:
            session.end(error == nil ? .transportClose : .transportError, error.map { "\($0)" })
        case .server:
            let (reason, hasTakenLeave) = session.reasonOfServer()
            guard reason == .forcedClose, !hasTakenLeave else { return session.end(reason, nil) }
            // It closed without a word. If it has stopped, that was no answer to anything that a client did.
            isServerGone().whenComplete { result in
                if case .success(true) = result {
                    session.end(.serverShuttingDown, "the server takes no connections any more")
                } else {
                    session.end(.forcedClose, nil)
                }
            }
        }
    }
}
