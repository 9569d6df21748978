import SocketIOWire

/// Proofs that the server has seen what a lane sent: a connect to a namespace that cannot exist, and its refusal. Two rounds, because some
/// servers dispatch one turn later.
extension ReplayMachine {
    static let barrierPrefix = "/tapedeck-barrier-"

    mutating func startBarrier(_ lane: Int) {
        barrierNumber += 1
        let namespace = "\(Self.barrierPrefix)\(barrierNumber)"
        lanes[lane].barrier = Barrier(namespace: namespace, roundsLeft: 2, provesAction: lanes[lane].lastAction)
        effects.append(.send(lane: lane, LanePacket(kind: .connect, namespace: namespace)))
    }

    mutating func receiveBarrier(_ packet: LanePacket, lane: Int) {
        guard var barrier = lanes[lane].barrier else { return }
        switch packet.kind {
        case .connectError: break
        case .connect:
            // a server that accepts any name has answered too
            effects.append(.send(lane: lane, LanePacket(kind: .disconnect, namespace: barrier.namespace)))
        case .event, .ack, .disconnect: return
        }
        barrier.roundsLeft -= 1
        if barrier.roundsLeft > 0 {
            lanes[lane].barrier = barrier
            effects.append(.send(lane: lane, LanePacket(kind: .connect, namespace: barrier.namespace)))
        } else {
            lanes[lane].barrier = nil
            lanes[lane].provenAction = max(lanes[lane].provenAction, barrier.provesAction)
        }
    }
}
