import HTTPTypes
import Logging
import NIOCore

/// What becomes of a request below the engine's path. On the channel's loop.
///
/// The order of the checks decides which error a client sees; it is Node's (trap 2 of the behaviour notes):
/// transport, origin, session and its transport, method, upgrade, allowRequest, and the version last.
extension Engine {
    /// A POST's head has come: finds its session, so that a second POST at the same time is noticed.
    func beginPost(_ own: OwnRequest) {
        guard case .success(let id?) = verify(own.request, isUpgrade: false), let session = session(id) else { return }
        own.session = session
        let responder = own.responder
        session.perform { session.beginPost(responder) }
    }

    /// A request is complete.
    func handle(_ own: OwnRequest) {
        let request = own.request
        let responder = own.responder
        if request.method == .options, let preflight = preflight(of: request) { return responder.respond(preflight) }
        if request.query("transport") == nil, let file = options.fileHandler?(request) { return responder.respond(file) }
        switch verify(request, isUpgrade: false) {
        case .failure(let error):
            refused(error, request)
            responder.respond(.error(error))
        case .success(let id?):
            guard let session = session(id) else { return responder.respond(.error(.sessionUnknown)) }
            passOn(own, to: session)
        case .success(nil):
            admit(request, responder) { self.openPolling(request, responder) }
        }
    }

    private func passOn(_ own: OwnRequest, to session: EngineConnection) {
        let responder = own.responder
        switch own.request.method {
        case .get:
            session.perform { session.poll(responder) }
        case .post where own.request.headers[.contentType] == "application/octet-stream":
            session.perform { session.refuseBody(responder) }
        case .post:
            let body = own.body
            session.perform { session.post(body, responder) }
        default:
            responder.respond(.empty(.internalServerError))
        }
    }

    /// An upgrade request is complete.
    func upgrade(_ request: EngineRequest, _ responder: EngineResponder, _ upgrader: WebSocketUpgrader) {
        switch verify(request, isUpgrade: true) {
        case .failure(let error):
            refused(error, request)
            responder.respond(.upgradeError(error.message))
        case .success(let id?):
            guard let session = session(id) else { return responder.respond(.upgradeError(HandshakeError.sessionUnknown.message)) }
            becomeWebSocket(request, responder, upgrader, session) { transport in session.perform { session.offer(transport) } }
        case .success(nil):
            admit(request, responder, isUpgrade: true) { self.openWebSocket(request, responder, upgrader) }
        }
    }

    // MARK: Checks

    /// The id of the session that the request belongs to, nil for a handshake.
    private func verify(_ request: EngineRequest, isUpgrade: Bool) -> Result<String?, HandshakeError> {
        let name = request.query("transport")
        guard let transport = name.flatMap(TransportKind.init(rawValue:)), options.transports.contains(transport) else {
            return .failure(.transportUnknown(name))
        }
        if let origin = request.headers[.origin],
            origin.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 || $0.value > 255 })
        {
            return .failure(.badRequest("INVALID_ORIGIN"))
        }
        if let id = request.query("sid"), !id.isEmpty {
            guard let session = session(id) else { return .failure(.sessionUnknown) }
            // An upgrade of a polling session is the one case in which the transports differ (trap 4).
            guard isUpgrade || session.transport == transport else { return .failure(.badRequest("TRANSPORT_MISMATCH")) }
            guard !isUpgrade || transport == .webSocket else { return .failure(.badRequest("TRANSPORT_MISMATCH")) }
            return .success(id)
        }
        guard request.method == .get else { return .failure(.badMethod) }
        guard isUpgrade == (transport == .webSocket) else { return .failure(.badRequest("TRANSPORT_HANDSHAKE_ERROR")) }
        return .success(nil)
    }

    /// Asks `allowRequest` if there is one, then looks at the version.
    private func admit(
        _ request: EngineRequest, _ responder: EngineResponder, isUpgrade: Bool = false, _ open: @escaping @Sendable () -> Void
    ) {
        guard !isClosed else { return responder.respond(.empty(.serviceUnavailable)) }
        let refuse = { @Sendable (error: HandshakeError) in
            self.refused(error, request)
            responder.respond(isUpgrade ? .upgradeError(error.message) : .error(error))
        }
        let finish = { @Sendable in
            // Over an upgrade the version is looked at after the 101 (row B9).
            if !isUpgrade, request.query("EIO") != "4" { return refuse(.unsupportedVersion) }
            open()
        }
        guard let allowRequest = options.allowRequest else { return finish() }
        let loop = responder.eventLoop
        loop.makeFutureWithTask { await allowRequest(request) }.whenComplete { result in
            switch result {
            case .success(.allowed): finish()
            case .success(.refused(let message)): refuse(.forbidden(message))
            case .failure: refuse(.forbidden(""))
            }
        }
    }

    // MARK: Handshakes

    private func openPolling(_ request: EngineRequest, _ responder: EngineResponder) {
        let connection = makeConnection(for: request, on: responder.eventLoop, over: .polling)
        open(connection)
        var response = EngineResponse.packets(connection.takePollingBody())
        if let cookie = options.cookie {
            response.headers[.setCookie] = "\(cookie.name)=\(connection.id)\(cookie.attributes.isEmpty ? "" : "; ")\(cookie.attributes)"
        }
        if let headers = options.initialHeaders?(request) { response.headers.append(contentsOf: headers) }
        responder.respond(response)
    }

    private func openWebSocket(_ request: EngineRequest, _ responder: EngineResponder, _ upgrader: WebSocketUpgrader) {
        guard request.query("EIO") == "4" else {
            refused(.unsupportedVersion, request)
            return becomeWebSocket(request, responder, upgrader, nil) { _ in }
        }
        let connection = makeConnection(for: request, on: responder.eventLoop, over: .webSocket)
        becomeWebSocket(request, responder, upgrader, connection) { transport in
            connection.useWebSocket(transport)
            self.open(connection)
        }
    }

    private func becomeWebSocket(
        _ request: EngineRequest, _ responder: EngineResponder, _ upgrader: WebSocketUpgrader, _ session: EngineConnection?,
        _ use: (WebSocketTransport) -> Void
    ) {
        guard request.headers[.secWebSocketKey] != nil else {
            return responder.respond(.upgradeError(HandshakeError.badRequest("").message))
        }
        var headers = corsHeaders(for: request)
        if session != nil, request.query("sid") == nil, let initial = options.initialHeaders?(request) {
            headers.append(contentsOf: initial)
        }
        if let every = options.headers?(request) { headers.append(contentsOf: every) }
        do {
            let transport = try upgrader.upgrade(request, for: session, maxMessageSize: options.maxHTTPBufferSize, headers: headers)
            if let transport { use(transport) }
        } catch {
            logger.debug("a connection ended while it became a WebSocket", metadata: ["error": "\(error)"])
        }
    }
}

extension EngineConnection {
    /// Runs `body` on the session's loop: at once if this is it.
    func perform(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    /// What waits, for the answer to the handshake.
    func takePollingBody() -> ByteBuffer {
        let body = queue.takeBody()
        count(outgoing: body.readableBytes)
        return body
    }
}
