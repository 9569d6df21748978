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
    package let arguments: [JSONValue]
    /// The expectation matched last in this lane when it came: its place in the recording.
    package let anchor: Int?
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
