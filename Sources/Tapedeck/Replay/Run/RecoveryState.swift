import SocketIOWire

/// What connection state recovery needs of a client: the private id of each session, and the offset that came last with it.
///
/// A server that offers recovery appends an offset to the arguments of its events, but not to all: volatile ones cannot be recovered.
/// It is no argument, and the tape does not count it as one.
struct RecoveryState: Sendable {
    private var pids: [Int: String] = [:]
    private var offsets: [String: String] = [:]

    static func eventsWithoutOffset(in plan: ReplayPlan) -> Set<String> {
        var with: Set<String> = []
        var without: Set<String> = []
        for expectation in plan.expectations {
            guard case .event(let name, _, ackID: nil) = expectation.kind else { continue }
            if expectation.hasOffset { with.insert(name) } else { without.insert(name) }
        }
        return without.subtracting(with)
    }

    func isOffered(in session: Int) -> Bool { pids[session] != nil }

    /// Takes over what the server says of recovery; gives the packet as the application sees it.
    mutating func note(_ packet: LanePacket, offset: String?, session: Int) -> LanePacket {
        if case .connect = packet.kind { pids[session] = packet.arguments.first?["pid"]?.stringValue }
        guard let offset, let pid = pids[session] else { return packet }
        offsets[pid] = offset
        return LanePacket(kind: packet.kind, namespace: packet.namespace, arguments: packet.arguments.dropLast())
    }

    /// The client of `session` asks to go on; what it has missed comes before the answer.
    mutating func resume(_ session: Int, pid: String) { pids[session] = pid }

    /// Where a client with this private id stands.
    func offset(of pid: String) -> String? { offsets[pid] }
}
