import HTTPTypes
import Logging
import NIOCore
import SocketIOWire

/// What becomes of a request below the engine's path. On the channel's loop.
///
/// The order of the checks decides which error a client sees; it is Node's (trap 2 of the behaviour notes):
/// transport, origin, session and its transport, method, upgrade, allowRequest, and the version last.
extension Engine {
    /// A POST's head has come: finds its session, so that a second POST at the same time is noticed. With middleware, that has to wait.
    func beginPost(_ own: OwnRequest) {
        guard options.middleware.isEmpty else { return }
        findSession(of: own)
    }

    private func findSession(of own: OwnRequest) {
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
            if request.method == .post, own.session == nil { findSession(of: own) }
            passOn(own, to: session)
        case .success(nil):
            admit(request, responder) { id, revision in self.openPolling(request, responder, id: id, revision) }
        }
    }

    private func passOn(_ own: OwnRequest, to session: EngineConnection) {
        let responder = own.responder
        switch own.request.method {
        case .get:
            session.perform { session.poll(responder) }
        case .post:
            // The header must say exactly this (trap 21).
            let isBinary = own.request.headers[.contentType] == "application/octet-stream"
            let body = own.request.query("j") == nil ? own.body : JSONP.payload(ofForm: own.body) ?? ByteBuffer()
            session.perform { session.post(body, isBinary: isBinary, responder) }
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
            admit(request, responder, isUpgrade: true) { id, revision in
                self.openWebSocket(request, responder, upgrader, id: id, revision)
            }
        }
    }

    /// Lets the middleware look at a request; `proceed` comes after all of it, on the channel's loop.
    func throughMiddleware(_ responder: EngineResponder, isUpgrade: Bool, _ proceed: @escaping @Sendable () -> Void) {
        guard !options.middleware.isEmpty else { return proceed() }
        let request = responder.request
        responder.eventLoop.makeFutureWithTask { () -> EngineMiddlewareOutcome in
            for middleware in self.options.middleware {
                if case .respond(let response) = try await middleware(request) { return .respond(response) }
            }
            return .next
        }.whenComplete { result in
            switch result {
            case .success(.next): proceed()
            case .success(.respond(let response)): isUpgrade ? responder.hangUp() : responder.respond(response)
            case .failure(let error):
                let refusal = HandshakeError.badRequest("MIDDLEWARE_FAILURE: \(error)")
                self.refused(refusal, request)
                responder.respond(isUpgrade ? .upgradeError(refusal.message) : .error(refusal))
            }
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
        guard request.method == .get else { return .failure(.badMethod(request.method.rawValue)) }
        guard isUpgrade == (transport == .webSocket) else { return .failure(.badRequest("TRANSPORT_HANDSHAKE_ERROR")) }
        return .success(nil)
    }

    /// The revision that a handshake asks for; nil if it is not taken here.
    private func revision(of request: EngineRequest) -> EngineRevision? {
        if request.query("EIO") == "4" { return .four }
        return options.allowEIO3 ? .three : nil
    }

    /// Decides about a handshake: `allowRequest` if there is one, then the version, then the session's id.
    private func admit(
        _ request: EngineRequest, _ responder: EngineResponder, isUpgrade: Bool = false,
        _ open: @escaping @Sendable (String, EngineRevision?) -> Void
    ) {
        guard !isClosed else { return responder.respond(.empty(.serviceUnavailable)) }
        let refuse = { @Sendable (error: HandshakeError) in
            self.refused(error, request)
            responder.respond(isUpgrade ? .upgradeError(error.message) : .error(error))
        }
        if let origin = request.headers[.origin], let allowed = options.allowedOrigins, !allowed.contains(origin) {
            return refuse(.forbidden("", context: "the origin \(origin) is not one of allowedOrigins"))
        }
        let revision = revision(of: request)
        guard options.allowRequest != nil || options.generateID != nil else {
            // Over an upgrade the version is looked at after the 101 (row B9).
            guard revision != nil || isUpgrade else { return refuse(.unsupportedVersion(request.query("EIO"))) }
            return open(SessionID.random(), revision)
        }
        responder.eventLoop.makeFutureWithTask {
            try await self.decide(request, needsRevision: !isUpgrade)
        }.whenComplete { result in
            switch result {
            case .success(let id): open(id, revision)
            case .failure(let error): refuse(error as? HandshakeError ?? .forbidden(""))
            }
        }
    }

    private func decide(_ request: EngineRequest, needsRevision: Bool) async throws -> String {
        if let allowRequest = options.allowRequest, case .refused(let message) = await allowRequest(request) {
            throw HandshakeError.forbidden(message)
        }
        guard revision(of: request) != nil || !needsRevision else { throw HandshakeError.unsupportedVersion(request.query("EIO")) }
        guard let generateID = options.generateID else { return SessionID.random() }
        do {
            return try await generateID(request)
        } catch {
            throw HandshakeError.badRequest("ID_GENERATION_ERROR: \(error)")
        }
    }

    // MARK: Handshakes

    private func openPolling(_ request: EngineRequest, _ responder: EngineResponder, id: String, _ revision: EngineRevision?) {
        guard let connection = makeConnection(for: request, responder, id: id, revision ?? .four, over: .polling) else { return }
        open(connection)
        let body = connection.takeHandshake()
        delegate.engine(self, didOpen: connection)
        respond(to: responder, with: body, headers: handshakeHeaders(connection))
    }

    private func handshakeHeaders(_ connection: EngineConnection) -> HTTPFields {
        var headers: HTTPFields = [:]
        if let cookie = options.cookie {
            headers[.setCookie] = "\(cookie.name)=\(connection.id)\(cookie.attributes.isEmpty ? "" : "; ")\(cookie.attributes)"
        }
        if let initial = options.initialHeaders?(connection.request) { headers.append(contentsOf: initial) }
        return headers
    }

    private func openWebSocket(
        _ request: EngineRequest, _ responder: EngineResponder, _ upgrader: WebSocketUpgrader, id: String, _ revision: EngineRevision?
    ) {
        guard let revision else {
            refused(.unsupportedVersion(request.query("EIO")), request)
            return becomeWebSocket(request, responder, upgrader, nil) { _ in }
        }
        guard request.headers[.secWebSocketKey] != nil else {
            return responder.respond(.upgradeError(HandshakeError.badRequest("").message))
        }
        guard let connection = makeConnection(for: request, responder, id: id, revision, over: .webSocket) else { return }
        becomeWebSocket(request, responder, upgrader, connection) { transport in
            connection.useWebSocket(transport)
            self.open(connection)
            self.delegate.engine(self, didOpen: connection)
        }
    }

    private func makeConnection(
        for request: EngineRequest, _ responder: EngineResponder, id: String, _ revision: EngineRevision, over transport: TransportKind
    ) -> EngineConnection? {
        if let connection = makeConnection(id: id, for: request, on: responder.eventLoop, revision: revision, over: transport) {
            return connection
        }
        let error = HandshakeError.badRequest("ID_GENERATION_ERROR: the id is taken by another session")
        refused(error, request)
        responder.respond(transport == .webSocket ? .upgradeError(error.message) : .error(error))
        return nil
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
            let transport = try upgrader.upgrade(request, for: session, options: options, headers: headers)
            if let transport { use(transport) }
        } catch {
            logger.debug("a connection ended while it became a WebSocket", metadata: ["error": "\(error)"])
            if let session, request.query("sid") == nil { forget(session) }
        }
    }
}

extension EngineConnection {
    /// Runs `body` on the session's loop: at once if this is it.
    func perform(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }

    /// What waits, for the answer to the handshake.
    func takeHandshake() -> PollingBody {
        let body = queue.takeBody(form)
        count(outgoing: body.bytes.readableBytes)
        return body
    }
}
