import SocketIOWire

/// What connection state recovery needs of a client: the private id of each session, and the offset that came last with it.
///
/// A server that offers recovery appends an offset to the arguments of its events. It is no argument, and the tape does not count it as one.
struct RecoveryState: Sendable {
    private var pids: [Int: String] = [:]
    private var offsets: [String: String] = [:]

    /// The arguments of an event without the offset.
    mutating func stripped(_ packet: LanePacket, session: Int) -> LanePacket {
        switch packet.kind {
        case .connect:
            pids[session] = packet.arguments.first?["pid"]?.stringValue
            return packet
        case .event(_, ackID: nil):
            guard let pid = pids[session], case .string(let offset)? = packet.arguments.last else { return packet }
            offsets[pid] = offset
            return LanePacket(kind: packet.kind, namespace: packet.namespace, arguments: packet.arguments.dropLast())
        default: return packet
        }
    }

    /// The client of `session` asks to go on; what it has missed comes before the answer.
    mutating func resume(_ session: Int, pid: String) { pids[session] = pid }

    /// Where a client with this private id stands.
    func offset(of pid: String) -> String? { offsets[pid] }
}
