import HTTPTypes
import NIOCore
import SocketIOWire

/// Long-polling: one GET that hangs, one POST at a time. On the session's loop; ``SessionState`` has the rules.
extension EngineConnection {
    /// A GET came.
    func poll(_ responder: EngineResponder) {
        eventLoop.assertInEventLoop()
        switch state.pollArrived(hasWaiting: !queue.isEmpty) {
        case .hang:
            poll = responder
            responder.onAbort(on: eventLoop) { self.pollAborted(responder) }
        case .answer:
            answer(responder)
        case .answerClose:
            respond(to: responder, with: .noop, .close)
            remove()
        case .refuse(let refusal):
            responder.respond(.error(HandshakeError(refusal)))
        case .overlap:
            responder.respond(.empty(.badRequest))
            fail(.transportError, "overlap from client: a second poll came while one was hanging")
        }
    }

    private func pollAborted(_ responder: EngineResponder) {
        guard poll === responder else { return }
        poll = nil
        if state.pollAborted() { finish(.transportError, "poll connection closed prematurely") }
    }

    /// The poll that hangs, which is to be answered now.
    func takePoll() -> EngineResponder? {
        defer { poll = nil }
        state.pollAnswered()
        return poll
    }

    /// Answers a poll with all that waits.
    func answer(_ poll: EngineResponder) {
        let body = queue.takeBody(form)
        noteWaiting(0)
        count(outgoing: body.bytes.readableBytes)
        engine.respond(to: poll, with: body)
    }

    /// Answers a poll with packets that do nothing but talk about the session.
    func respond(to poll: EngineResponder, with types: EnginePacketType...) {
        for type in types { observePacket(.outgoing, type, ByteBuffer()) }
        let body = form.body(of: types.map { EnginePacket($0) })
        count(outgoing: body.bytes.readableBytes)
        engine.respond(to: poll, with: body)
    }

    /// A POST has begun; its body is still to come.
    func beginPost(_ responder: EngineResponder) {
        eventLoop.assertInEventLoop()
        switch state.postArrived() {
        case .take:
            responder.onAbort(on: eventLoop) {
                self.state.postEnded()
                self.fail(.transportError, "data request connection closed prematurely")
            }
        case .refuse(let refusal):
            responder.respond(.error(HandshakeError(refusal)))
        case .overlap:
            responder.respond(.empty(.badRequest))
            fail(.transportError, "data request overlap from client: a second POST came while one was under way")
        }
    }

    /// The body of a POST is complete.
    func post(_ body: ByteBuffer, isBinary: Bool, _ responder: EngineResponder) {
        eventLoop.assertInEventLoop()
        guard state.isPostUnderWay, !responder.hasResponded else { return }
        state.postEnded()
        guard !isBinary || state.revision == .three else {
            // Row C7 of the behaviour notes.
            responder.respond(.empty(.badRequest))
            return fail(.transportError, "invalid content: EIO=4 sends text, binary as base64")
        }
        count(incoming: body.readableBytes)
        let (packets, error) = state.revision.packets(of: body, isBinary: isBinary)
        for packet in packets {
            guard state.isOpen else { break }
            receive(packet)
        }
        responder.respond(.ok)
        if let error { fail(.parseError, error.description) }
        flush()
    }

    /// A POST was refused before its body was complete; the session lives on.
    func abandonPost() {
        state.postEnded()
    }
}

extension HandshakeError {
    init(_ refusal: SessionState.Refusal) {
        switch refusal {
        case .otherTransport: self = .badRequest("TRANSPORT_MISMATCH: the session has moved to WebSocket")
        case .unknownSession: self = .sessionUnknown
        }
    }
}
