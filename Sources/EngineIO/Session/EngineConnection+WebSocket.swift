import NIOCore
import SocketIOWire

/// WebSocket: as the session's transport, and as the one that takes over from polling. On the session's loop.
extension EngineConnection {
    /// While an upgrade is under way, how often a hanging poll is answered so that the client can stop polling (trap 5 of the behaviour notes).
    private static let noopInterval = TimeAmount.milliseconds(100)

    /// A WebSocket has come for this session.
    func offer(_ transport: WebSocketTransport) {
        guard state.webSocketArrived(engine.timing, eventLoop.now) else { return transport.close() }
        candidate = transport
    }

    /// A message came on a WebSocket of this session.
    func webSocket(_ transport: WebSocketTransport, received message: WebSocketMessage) {
        eventLoop.assertInEventLoop()
        if transport === webSocket {
            guard state.isOpen else { return }
            receive(message)
        } else if candidate === transport {
            advanceUpgrade(transport, message)
        }
    }

    private func receive(_ message: WebSocketMessage) {
        do throws(EnginePacketError) {
            switch message {
            case .text(var text):
                // The way of nearly all packets: a message as text.
                if text.getInteger(at: text.readerIndex, as: UInt8.self) == UInt8(ascii: "4") {
                    text.moveReaderIndex(forwardBy: 1)
                    receiver?.connection(self, didReceiveText: text)
                } else {
                    receive(try state.revision.packet(text: text))
                }
            case .binary(let bytes):
                receive(try state.revision.packet(binary: bytes))
            case .ping, .pong, .close:
                break
            }
        } catch {
            fail(.parseError, error.description)
        }
    }

    private func advanceUpgrade(_ transport: WebSocketTransport, _ message: WebSocketMessage) {
        guard case .text(let text) = message, let packet = try? EnginePacket(text: text) else { return abandonUpgrade() }
        observePacket(.incoming, packet.type, packet.payload)
        switch state.upgradeReceived(packet) {
        case .answerProbe:
            let probe = ByteBuffer(string: "probe")
            observePacket(.outgoing, .pong, probe)
            transport.append(.packet(.pong, probe))
            count(outgoing: transport.flush())
            freePoll(of: transport)
        case .complete:
            completeUpgrade(to: transport)
        case .abandon:
            abandonUpgrade()
        }
    }

    /// Answers polls that hang until the client has changed over, after a short tick each, lest it polls in a tight loop.
    private func freePoll(of transport: WebSocketTransport) {
        eventLoop.scheduleTask(in: Self.noopInterval) {
            guard self.candidate === transport else { return }
            self.answerPollWithNoop()
            self.freePoll(of: transport)
        }
    }

    private func answerPollWithNoop() {
        guard let poll = takePoll() else { return }
        respond(to: poll, with: .noop)
    }

    private func completeUpgrade(to transport: WebSocketTransport) {
        candidate = nil
        answerPollWithNoop()
        useWebSocket(transport)
        engine.observer?.connectionUpgraded(self)
        engine.countUpgrade()
        for entry in queue.removeAll() { enqueue(entry) }
    }

    /// Ends an upgrade that did not come off: only the WebSocket is closed (trap 9).
    func abandonUpgrade() {
        state.upgradeAbandoned()
        candidate?.close()
        candidate = nil
    }

    /// A WebSocket of this session has ended. `failure` says what was wrong with it; nil if the client just closed it.
    func webSocketClosed(_ transport: WebSocketTransport, failure: String?) {
        eventLoop.assertInEventLoop()
        if candidate === transport {
            candidate = nil
            state.upgradeAbandoned()
        } else if transport === webSocket {
            finish(failure == nil ? .transportClose : .transportError, failure)
        }
    }
}
