import EngineIO
import Logging
import NIOConcurrencyHelpers
import NIOCore
import SocketIO
import SocketIOWire

/// Puts together what belongs together: requests and WebSockets of one Engine.IO session, whatever TCP connections they come by, and tells a tap.
///
/// From any event loop. What one session says is told in the order in which it passes through the proxy.
final class ConversationObserver: Sendable {
    private struct State {
        var sessions: [String: ObservedSession] = [:]
        var lastConnection: UInt64 = 0
    }

    private let tap: any Tap
    private let clock = TapClock()
    private let parser: (any PacketParser)?
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let numbers = NIOLockedValueBox(SocketNumbers())

    init(tap: any Tap, parser: (any PacketParser)?, logger: Logger) {
        self.tap = tap
        self.parser = parser
        self.logger = logger
    }

    var sessionCount: Int { state.withLockedValue { $0.sessions.count } }

    func session(_ sid: String) -> ObservedSession? { state.withLockedValue { $0.sessions[sid] } }

    /// The server has answered a handshake.
    ///
    /// - Parameter packet: its first packet, which must be the one that opens; anything else is no session.
    func open(_ packet: EnginePacket, _ request: ProxiedRequest, transport: TransportKind) -> ObservedSession? {
        guard packet.type == .open, let answer = try? JSONValue(parsing: packet.payload), let sid = answer["sid"]?.stringValue else {
            return nil
        }
        var opening = ObservedConnection.Opening(
            sid: sid, revision: request.revision, transport: transport, remoteAddress: request.remoteAddress, url: request.url,
            headers: request.headers)
        if let interval = answer["pingInterval"]?.integerValue { opening.pingInterval = .milliseconds(interval) }
        if let timeout = answer["pingTimeout"]?.integerValue { opening.pingTimeout = .milliseconds(timeout) }
        let session = state.withLockedValue { state in
            state.lastConnection += 1
            let connection = ObservedConnection(number: state.lastConnection, opening: opening, parser: parser, now: .now())
            let session = ObservedSession(connection, observer: self)
            state.sessions[sid] = session
            return session
        }
        session.begin()
        session.received([packet], from: .server)
        return session
    }

    /// Ends the sessions of which nothing has been heard for longer than their server waits.
    func sweep(at now: NIODeadline = .now()) {
        for session in state.withLockedValue({ Array($0.sessions.values) }) { session.endIfSilent(at: now) }
    }

    /// The proxy goes: whoever is still there has been ended by nobody.
    func close() {
        for session in state.withLockedValue({ Array($0.sessions.values) }) { session.proxyEnds() }
    }

    // MARK: For sessions

    func forget(_ sid: String, _ session: ObservedSession) {
        state.withLockedValue { if $0.sessions[sid] === session { $0.sessions[sid] = nil } }
    }

    /// Under the session's lock, so that its events come in order and their times never go back.
    func tell(_ collect: (inout SocketNumbers) -> [TapEvent.Kind]) {
        let told = numbers.withLockedValue { collect(&$0) }
        for kind in told { tap.record(TapEvent(at: clock.now(), kind: kind)) }
    }

    func warnOfSize(_ limit: Int) {
        logger.warning("a polling body above \(limit) bytes is passed on, but not recorded; --max-payload raises the limit")
    }

    func warn(_ text: String, _ error: any Error) { logger.warning("\(text)", metadata: ["error": "\(error)"]) }
}

/// One session that is being observed. From any event loop.
final class ObservedSession: Sendable {
    private struct State {
        var connection: ObservedConnection
        var isEnded = false
        /// Requests that wait for the server: a client that polls is not silent.
        var hangingPolls = 0
        /// WebSockets that carry it, or want to.
        var webSockets = 0
    }

    let sid: String
    let revision: EngineRevision
    private let observer: ConversationObserver
    private let state: NIOLockedValueBox<State>

    init(_ connection: ObservedConnection, observer: ConversationObserver) {
        sid = connection.opening.sid
        revision = connection.opening.revision
        self.observer = observer
        state = NIOLockedValueBox(State(connection: connection))
    }

    func begin() {
        state.withLockedValue { state in observer.tell { state.connection.begin(&$0) } }
    }

    func received(_ packets: [EnginePacket], from side: ObservedConnection.Side) {
        state.withLockedValue { state in
            guard !state.isEnded else { return }
            for packet in packets {
                observer.tell { state.connection.received(packet, from: side, at: .now(), &$0) }
            }
        }
        // A WebSocket is closed next, which says by whom.
        if side == .server, packets.contains(where: { $0.type == .close }), !isOnWebSocket { end(.forcedClose, nil) }
    }

    var isOnWebSocket: Bool { state.withLockedValue { $0.connection.transport == .webSocket } }

    func end(_ reason: EngineCloseReason, _ detail: String?) {
        let isNew = state.withLockedValue { state in
            guard !state.isEnded else { return false }
            state.isEnded = true
            observer.tell { _ in state.connection.end(reason, detail) }
            return true
        }
        if isNew { observer.forget(sid, self) }
    }

    func proxyEnds() { end(.serverShuttingDown, "the proxy ends") }

    // MARK: Polling

    func pollBegan() {
        state.withLockedValue { state in
            state.hangingPolls += 1
            state.connection.heard(at: .now())
        }
    }

    /// The server has answered, and what it answered has been noted; or the client has gone.
    func pollEnded() {
        state.withLockedValue { state in
            state.hangingPolls -= 1
            state.connection.heard(at: .now())
        }
        endIfLeft()
    }

    /// The server has answered a POST.
    func postEnded() { endIfLeft() }

    /// A client that said goodbye by polling is gone when the server has answered all that it had asked.
    private func endIfLeft() {
        let isLeft = state.withLockedValue { state in
            state.connection.farewell == .client && state.hangingPolls == 0 && state.connection.transport == .polling
        }
        if isLeft { end(.transportClose, nil) }
    }

    /// What goes wrong by polling is of no matter once a WebSocket carries the session.
    func pollingFailed(_ detail: String) {
        if !isOnWebSocket { end(.transportError, detail) }
    }

    func endIfSilent(at now: NIODeadline) {
        let isSilent = state.withLockedValue { state in
            let opening = state.connection.opening
            return state.hangingPolls == 0 && state.webSockets == 0
                && now - state.connection.lastHeard > opening.pingInterval + opening.pingTimeout
        }
        if isSilent { end(.pingTimeout, "nothing was heard of the client") }
    }

    // MARK: WebSocket

    func webSocketBegan() { state.withLockedValue { $0.webSockets += 1 } }

    func webSocketEnded() { state.withLockedValue { $0.webSockets -= 1 } }

    /// Why the server ended it, in its own words, and whether it has taken leave before.
    func reasonOfServer() -> (reason: EngineCloseReason, hasTakenLeave: Bool) {
        state.withLockedValue { ($0.connection.reasonOfServer(at: .now()), $0.connection.hasServerTakenLeave) }
    }
}
