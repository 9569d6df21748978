package import SocketIOWire

/// One packet from the live server, assigned to the session of the plan that it belongs to.
package struct Receipt: Sendable {
    package enum Kind: Sendable, Hashable {
        case connected
        case refused
        case event(name: String, ackID: UInt64?)
        /// The answer to what action `action` emitted.
        case ack(action: Int, event: String)
        /// An ack that nothing asked for.
        case strayAck(ackID: UInt64)
        case disconnected
        case closed(reason: String)
    }

    package let index: Int
    package let lane: Int
    package let session: Int?
    package let kind: Kind
    private(set) var content: RecordedArguments
    /// The expectation matched last in this lane when it came: its place in the recording.
    package let anchor: Int?

    init(index: Int, lane: Int, session: Int?, kind: Kind, arguments: [JSONValue], anchor: Int?) {
        self.init(
            index: index, lane: lane, session: session, kind: kind, content: RecordedArguments(arguments), anchor: anchor)
    }

    init(index: Int, lane: Int, session: Int?, kind: Kind, content: RecordedArguments, anchor: Int?) {
        self.index = index
        self.lane = lane
        self.session = session
        self.kind = kind
        self.content = content
        self.anchor = anchor
    }

    /// Decoded anew at each call, once they are stored.
    package var arguments: [JSONValue] { content.values }

    /// It is settled and rarely looked at again: it need not stand in memory.
    mutating func store(in store: PayloadStore) { content = content.stored(in: store) }
}

extension Receipt {
    var title: String {
        switch kind {
        case .connected: "a connect's acceptance"
        case .refused: "a connect's refusal"
        case .event(let name, let ackID): ackID == nil ? "'\(name)'" : "'\(name)' with an ack"
        case .ack(_, let event): "an ack of '\(event)'"
        case .strayAck: "an ack"
        case .disconnected: "a disconnect"
        case .closed: "the end of the connection"
        }
    }

    var ruleName: String {
        switch kind {
        case .connected: "connect"
        case .refused: "connect_error"
        case .event(let name, _): name
        case .ack(_, let event): event
        case .strayAck: "ack"
        case .disconnected, .closed: "disconnect"
        }
    }
}
