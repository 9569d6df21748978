import NIOCore
import SocketIOWire

/// The rules of one session: which transport it is on, what may hang or be under way, its upgrade, its heartbeat, its end.
///
/// Pure: what happens goes in with its time, what to do comes out. ``EngineConnection`` holds the responders and channels and does it.
struct SessionState: Sendable, Hashable {
    /// What all sessions of a server share.
    struct Timing: Sendable, Hashable {
        var heartbeat: Heartbeat.Timing
        var upgradeTimeout: TimeAmount
        var pollingCloseTimeout: TimeAmount
    }

    enum Life: Sendable, Hashable {
        case open
        /// The server has closed a polling session; the client's next poll is told so.
        case closing(until: NIODeadline)
        case closed
    }

    let revision: EngineRevision
    private(set) var life = Life.open
    private(set) var transport: TransportKind
    private(set) var isPollHanging = false
    private(set) var isPostUnderWay = false
    private(set) var upgrade: UpgradeState?
    private var heartbeat: Heartbeat

    init(_ revision: EngineRevision, on transport: TransportKind, _ timing: Timing, now: NIODeadline) {
        self.revision = revision
        self.transport = transport
        switch revision {
        case .three: heartbeat = Heartbeat(awaitingPings: timing.heartbeat, now: now)
        case .four: heartbeat = Heartbeat(timing.heartbeat, now: now)
        }
    }

    var isOpen: Bool { life == .open }

    // MARK: Polling

    enum PollArrival: Sendable, Hashable {
        case hang
        case answer
        /// What there is to say is the end.
        case answerClose
        case refuse(Refusal)
        /// A client that is there twice, or a proxy that repeats requests: ends the session (trap 13 of the behaviour notes).
        case overlap
    }

    enum Refusal: Sendable, Hashable {
        case otherTransport
        case unknownSession
    }

    mutating func pollArrived(hasWaiting: Bool) -> PollArrival {
        guard transport == .polling else { return .refuse(.otherTransport) }
        switch life {
        case .closed:
            return .refuse(.unknownSession)
        case .closing:
            // First what was to be said before the close, then the close (traps 22 and 51).
            return hasWaiting ? .answer : .answerClose
        case .open:
            guard !isPollHanging else { return .overlap }
            guard !hasWaiting else { return .answer }
            isPollHanging = true
            return .hang
        }
    }

    mutating func pollAnswered() { isPollHanging = false }

    /// - Returns: whether the session ends. Late errors of the old transport do not matter once a WebSocket has taken over (trap 8).
    mutating func pollAborted() -> Bool {
        isPollHanging = false
        return transport == .polling && life == .open
    }

    enum PostArrival: Sendable, Hashable {
        case take
        case refuse(Refusal)
        /// Ends the session (trap 14).
        case overlap
    }

    mutating func postArrived() -> PostArrival {
        guard transport == .polling else { return .refuse(.otherTransport) }
        guard life == .open else { return .refuse(.unknownSession) }
        guard !isPostUnderWay else { return .overlap }
        isPostUnderWay = true
        return .take
    }

    mutating func postEnded() { isPostUnderWay = false }

    // MARK: Upgrade

    /// - Returns: whether the WebSocket may try; a second one is accepted and closed (row D6).
    mutating func webSocketArrived(_ timing: Timing, _ now: NIODeadline) -> Bool {
        guard life == .open, transport == .polling, upgrade == nil else { return false }
        upgrade = UpgradeState(deadline: now + timing.upgradeTimeout)
        return true
    }

    mutating func upgradeReceived(_ packet: EnginePacket) -> UpgradeState.Action {
        guard let action = upgrade?.received(packet) else { return .abandon }
        switch action {
        case .answerProbe: break
        case .abandon: upgrade = nil
        case .complete:
            upgrade = nil
            transport = .webSocket
        }
        return action
    }

    mutating func upgradeAbandoned() { upgrade = nil }

    // MARK: Packets

    enum PacketAction: Sendable, Hashable {
        case deliver
        case ignore
        case answerPing
        /// The client answered a ping after this time; `nil` if nobody asked.
        case noteLatency(TimeAmount?)
        case close
        case fail(String)
    }

    mutating func received(_ type: EnginePacketType, _ timing: Timing, _ now: NIODeadline) -> PacketAction {
        switch (type, revision) {
        case (.message, _):
            return .deliver
        case (.pong, .four):
            return .noteLatency(heartbeat.pong(timing.heartbeat, now))
        case (.ping, .three):
            heartbeat.pinged(timing.heartbeat, now)
            return .answerPing
        case (.ping, .four):
            return .fail("invalid heartbeat direction: the client sent a ping, in revision 4 the server does (trap 12)")
        case (.pong, .three):
            return .fail("invalid heartbeat direction: the client sent a pong, in revision 3 it pings (trap 12)")
        case (.close, _):
            // On WebSocket it is ignored: its own close follows (trap 24).
            return transport == .polling ? .close : .ignore
        case (.upgrade, _), (.noop, _), (.open, _):
            return .ignore
        }
    }

    // MARK: Time

    enum TickAction: Sendable, Hashable {
        case none
        case ping
        /// No pong, or in revision 3 no ping, in time; with what is known about why.
        case timeOut(String)
        case abandonUpgrade
        /// The client did not come to hear that the session has ended.
        case forget
    }

    mutating func tick(_ timing: Timing, _ now: NIODeadline) -> TickAction {
        switch life {
        case .closing(let deadline): return now >= deadline ? .forget : .none
        case .closed: return .none
        case .open: break
        }
        if let upgrade, now >= upgrade.deadline {
            self.upgrade = nil
            return .abandonUpgrade
        }
        switch heartbeat.tick(timing.heartbeat, now) {
        case .none: return .none
        case .ping: return .ping
        case .timeOut:
            let missing = revision == .four ? "no pong" : "no ping of the client"
            let poll = transport == .webSocket ? "" : isPollHanging ? ", a poll was hanging" : ", no poll was hanging"
            return .timeOut("\(missing) in time over \(transport.rawValue)\(poll)")
        }
    }

    // MARK: The end

    enum Ending: Sendable, Hashable {
        /// The session is over for the server; the client learns it with its next poll (trap 22).
        case withNextPoll
        case atOnce
    }

    /// The server closes an open session. At shutdown nobody is waited for.
    func ending(isShutdown: Bool) -> Ending {
        transport == .polling && !isPollHanging && !isShutdown ? .withNextPoll : .atOnce
    }

    mutating func ended(_ ending: Ending, _ timing: Timing, _ now: NIODeadline) {
        upgrade = nil
        switch ending {
        case .withNextPoll: life = .closing(until: now + timing.pollingCloseTimeout)
        case .atOnce: life = .closed
        }
    }

    mutating func forgotten() { life = .closed }
}
