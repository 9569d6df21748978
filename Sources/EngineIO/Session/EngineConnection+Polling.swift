import HTTPTypes
import NIOCore
import SocketIOWire

/// Long-polling: one GET that hangs, one POST at a time. On the session's loop.
extension EngineConnection {
    /// A GET came.
    func poll(_ responder: EngineResponder) {
        eventLoop.assertInEventLoop()
        guard webSocket == nil else { return responder.respond(.error(.badRequest("TRANSPORT_MISMATCH"))) }
        switch state {
        case .closed:
            return responder.respond(.error(.sessionUnknown))
        case .closing:
            return answerClosing(responder)
        case .open:
            break
        }
        guard poll == nil else {
            // A client that is there twice, or a proxy that repeats requests (trap 13 of the behaviour notes).
            responder.respond(.empty(.badRequest))
            return fail(.transportError, "overlap from client: a second poll came while one was hanging")
        }
        guard queue.isEmpty else { return answer(responder) }
        poll = responder
        responder.onAbort(on: eventLoop) { self.pollAborted(responder) }
    }

    /// First what was to be said before the close, then the close (traps 22 and 51).
    private func answerClosing(_ responder: EngineResponder) {
        guard queue.isEmpty else { return answer(responder) }
        observePacket(.outgoing, .noop, ByteBuffer())
        observePacket(.outgoing, .close, ByteBuffer())
        responder.respond(.packets(ByteBuffer(string: "6\u{1e}1")))
        remove()
    }

    private func pollAborted(_ responder: EngineResponder) {
        guard poll === responder else { return }
        poll = nil
        // Late errors of the old transport do not matter once a WebSocket has taken over (trap 8).
        guard webSocket == nil else { return }
        finish(.transportError, "poll connection closed prematurely")
    }

    /// A POST has begun; its body is still to come.
    func beginPost(_ responder: EngineResponder) {
        eventLoop.assertInEventLoop()
        guard webSocket == nil else { return responder.respond(.error(.badRequest("TRANSPORT_MISMATCH"))) }
        guard case .open = state else { return responder.respond(.error(.sessionUnknown)) }
        guard !hasPost else {
            responder.respond(.empty(.badRequest))
            return fail(.transportError, "data request overlap from client: a second POST came while one was under way")
        }
        hasPost = true
        responder.onAbort(on: eventLoop) {
            self.hasPost = false
            self.fail(.transportError, "data request connection closed prematurely")
        }
    }

    /// The body of a POST is complete.
    func post(_ body: ByteBuffer, _ responder: EngineResponder) {
        eventLoop.assertInEventLoop()
        guard hasPost, !responder.hasResponded else { return }
        hasPost = false
        count(incoming: body.readableBytes)
        let (packets, error) = EnginePayload.decode(body)
        for packet in packets {
            guard case .open = state else { break }
            receive(packet)
        }
        responder.respond(.ok)
        if let error { fail(.parseError, error.description) }
        flush()
    }

    /// A POST was refused before its body was complete; the session lives on.
    func abandonPost() {
        hasPost = false
    }

    /// A body that EIO 4 does not know (row C7 of the behaviour notes).
    func refuseBody(_ responder: EngineResponder) {
        hasPost = false
        responder.respond(.empty(.badRequest))
        fail(.transportError, "invalid content: EIO=4 sends text, binary as base64")
    }
}
