import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire

/// What one namespace keeps for clients that come back: the last events, and who was cut off.
///
/// Its lock is held while an event is numbered and handed to the loops of its receivers, so that each client gets events in the order of their
/// offsets, and "everything after this one" means the same to both sides. Nothing of the app runs under it.
final class RecoveryLog: Sendable {
    /// A client that was cut off.
    struct Session: Sendable {
        let id: SocketID
        let pid: String
        let rooms: Set<Room>
        let data: [String: any Sendable]
        /// The number of the last event before the client connected: it has got none up to this one.
        let start: UInt64
        var until = NIODeadline.distantPast
    }

    private struct Entry {
        let number: UInt64
        let at: NIODeadline
        let message: OutgoingMessage
        let offset: String
        let rooms: [Room]
        let excludedRooms: [Room]
    }

    private struct State {
        var number: UInt64 = 0
        var entries = Deque<Entry>()
        var bytes = 0
        /// No event up to this one is kept any more.
        var forgotten: UInt64 = 0
        var sessions: [String: Session] = [:]
        var order = Deque<String>()
    }

    /// An event that a client has missed.
    struct Missed: Sendable {
        let message: OutgoingMessage
        let offset: String
    }

    private let options: ConnectionStateRecovery
    /// Begins each offset, so that one of another server, or of one that has been started anew, is not taken for one of ours.
    private let mark = String(RandomID.make().prefix(6))
    private let state = NIOLockedValueBox(State())

    init(_ options: ConnectionStateRecovery) {
        self.options = options
    }

    var skipsMiddlewares: Bool { options.skipMiddlewares }

    /// The number of the last event so far.
    var position: UInt64 { state.withLockedValue { $0.number } }

    /// Whether nobody is waited for.
    func isDeserted(_ now: NIODeadline) -> Bool {
        state.withLockedValue { state in
            sweep(&state, now)
            return state.sessions.isEmpty
        }
    }

    // MARK: Events

    /// Numbers an event, keeps it and hands it on, in one step.
    func append(
        rooms: [Room], except excludedRooms: [Room], now: NIODeadline, encode: (_ offset: String) -> OutgoingMessage,
        send: (OutgoingMessage, _ offset: String) -> Void
    ) {
        state.withLockedValue { state in
            state.number += 1
            let offset = mark + String(state.number, radix: 36)
            let message = encode(offset)
            state.entries.append(
                Entry(
                    number: state.number, at: now, message: message, offset: offset, rooms: rooms, excludedRooms: excludedRooms))
            state.bytes += message.byteCount
            sweep(&state, now)
            send(message, offset)
        }
    }

    private func sweep(_ state: inout State, _ now: NIODeadline) {
        let oldest = now - TimeAmount(options.maxDisconnectionDuration)
        while let first = state.entries.first,
            first.at < oldest || state.entries.count > options.maxPackets || state.bytes > options.maxBytes
        {
            state.entries.removeFirst()
            state.bytes -= first.message.byteCount
            state.forgotten = first.number
        }
        while let pid = state.order.first {
            guard let session = state.sessions[pid] else {
                state.order.removeFirst()
                continue
            }
            guard session.until <= now || state.sessions.count > options.maxSessions else { return }
            state.sessions[pid] = nil
            state.order.removeFirst()
        }
    }

    // MARK: Clients

    /// Keeps what a client that was cut off left behind.
    func save(_ session: Session, now: NIODeadline) {
        state.withLockedValue { state in
            var session = session
            session.until = now + TimeAmount(options.maxDisconnectionDuration)
            state.sessions[session.pid] = session
            state.order.append(session.pid)
            sweep(&state, now)
        }
    }

    /// Takes a client's session out: it is given back once only (trap 61).
    ///
    /// - Parameter offset: the last event that the client has got; nil if it got none, which is as good (issue 5538 of Socket.IO).
    /// - Returns: the session and the number of that event; nil if it is unknown, too old, or events in between are gone.
    func restore(pid: String, offset: String?, now: NIODeadline) -> (session: Session, position: UInt64)? {
        state.withLockedValue { state in
            sweep(&state, now)
            guard let session = state.sessions[pid], session.until > now else { return nil }
            let position: UInt64
            if let offset {
                guard offset.hasPrefix(mark), let number = UInt64(offset.dropFirst(mark.count), radix: 36), number <= state.number else {
                    return nil
                }
                position = number
            } else {
                position = session.start
            }
            guard position >= state.forgotten else { return nil }
            state.sessions[pid] = nil
            return (session, position)
        }
    }

    /// Puts a client back: `admit` gets what it has missed, and no event comes between that and its being there again.
    func catchUp(_ rooms: Set<Room>, after position: UInt64, _ admit: ([Missed]) -> Void) {
        state.withLockedValue { state in
            let missed = state.entries.filter { entry in
                entry.number > position && (entry.rooms.isEmpty || entry.rooms.contains { rooms.contains($0) })
                    && !entry.excludedRooms.contains { rooms.contains($0) }
            }
            admit(missed.map { Missed(message: $0.message, offset: $0.offset) })
        }
    }
}
