import NIOCore
import SocketIOWire

/// WebSocket: as the session's transport, and as the one that takes over from polling. On the session's loop.
extension EngineConnection {
    /// While an upgrade is under way, how often a hanging poll is answered so that the client can stop polling (trap 5 of the behaviour notes).
    private static let noopInterval = TimeAmount.milliseconds(100)

    /// A WebSocket has come for this session.
    func offer(_ transport: WebSocketTransport) {
        guard case .open = state, webSocket == nil, upgrade == nil else {
            // A second one is accepted and closed (row D6 of the behaviour notes).
            transport.close()
            return
        }
        upgrade = (transport, UpgradeState(deadline: eventLoop.now + TimeAmount(engine.options.upgradeTimeout)))
    }

    /// A message came on a WebSocket of this session.
    func webSocket(_ transport: WebSocketTransport, received message: WebSocketMessage) {
        eventLoop.assertInEventLoop()
        if transport === webSocket {
            guard case .open = state else { return }
            receive(message)
        } else if upgrade?.transport === transport {
            advanceUpgrade(message)
        }
    }

    private func receive(_ message: WebSocketMessage) {
        switch message {
        case .text(var text):
            // The way of nearly all packets: a message as text.
            if text.getInteger(at: text.readerIndex, as: UInt8.self) == UInt8(ascii: "4") {
                text.moveReaderIndex(forwardBy: 1)
                receiver?.connection(self, didReceiveText: text)
                return
            }
            do throws(EnginePacketError) {
                receive(try EnginePacket(text: text))
            } catch {
                fail(.parseError, error.description)
            }
        case .binary(let bytes):
            receiver?.connection(self, didReceiveBinary: bytes)
        case .ping, .pong, .close:
            break
        }
    }

    private func advanceUpgrade(_ message: WebSocketMessage) {
        guard let transport = upgrade?.transport, var state = upgrade?.state else { return }
        guard case .text(let text) = message, let packet = try? EnginePacket(text: text) else { return abandonUpgrade() }
        observePacket(.incoming, packet.type, packet.payload)
        let action = state.received(packet)
        upgrade = (transport, state)
        switch action {
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
            guard self.upgrade?.transport === transport else { return }
            self.answerPollWithNoop()
            self.freePoll(of: transport)
        }
    }

    private func answerPollWithNoop() {
        guard let poll else { return }
        self.poll = nil
        observePacket(.outgoing, .noop, ByteBuffer())
        poll.respond(.packets(ByteBuffer(string: "6")))
    }

    private func completeUpgrade(to transport: WebSocketTransport) {
        upgrade = nil
        answerPollWithNoop()
        useWebSocket(transport)
        engine.observer?.connectionUpgraded(self)
        engine.countUpgrade()
        moveQueueToWebSocket()
    }

    /// Ends an upgrade that did not come off: only the WebSocket is closed.
    func abandonUpgrade() {
        upgrade?.transport.close()
        upgrade = nil
    }

    /// A WebSocket of this session has ended. `failure` says what was wrong with it; nil if the client just closed it.
    func webSocketClosed(_ transport: WebSocketTransport, failure: String?) {
        eventLoop.assertInEventLoop()
        if upgrade?.transport === transport {
            upgrade = nil
        } else if transport === webSocket {
            finish(failure == nil ? .transportClose : .transportError, failure)
        }
    }
}
