import NIOCore
import SocketIOWire

/// One event on its way to many: encoded once, shared by all receivers on all loops (trap 60 of the behaviour notes).
struct Broadcast: Sendable {
    let number: UInt64
    let event: String
    let arguments: JSONArguments
    let message: OutgoingMessage
    let flags: EmitFlags
    /// Set if the receivers are asked for an answer.
    let answers: AnswerCollector?
    /// What connection state recovery has appended to the arguments in the message.
    var offset: String?
}

/// The receivers on one loop. Sendable: arrays of sockets are not changed any more once they are in here.
typealias BroadcastLane = RoomTable<Socket>.LaneSelection

extension Broadcast {
    /// Writes to the receivers on their loop: each once, none that is left out.
    func deliver(to lane: BroadcastLane, core: ServerCore) {
        // Rooms overlap only if there are several; a mark on the socket is cheaper than a set.
        let isMarked = lane.included.count > 1 || !lane.excluded.isEmpty
        for members in lane.excluded {
            for socket in members { socket.lastBroadcast = number }
        }
        guard core.tap != nil || answers != nil else {
            for members in lane.included {
                for socket in members where !(isMarked && socket.isMarked(by: number)) { _ = socket.writeBroadcast(self) }
            }
            return
        }
        deliverAndCollect(to: lane, isMarked: isMarked, core: core)
    }

    private func deliverAndCollect(to lane: BroadcastLane, isMarked: Bool, core: ServerCore) {
        var receivers: [TapRecipient] = []
        for members in lane.included {
            for socket in members where !(isMarked && socket.isMarked(by: number)) {
                if let answers, !answers.expect(from: socket) { continue }
                guard socket.writeBroadcast(self) else { continue }
                if core.tap != nil { receivers.append(TapRecipient(connection: socket.client.number, socket: socket.number)) }
            }
        }
        if !receivers.isEmpty { core.record(.delivery(broadcast: number, recipients: receivers)) }
        answers?.laneIsThrough()
    }
}

extension Socket {
    /// Marks the socket as met by this broadcast.
    ///
    /// - Returns: whether it was marked before.
    fileprivate func isMarked(by broadcast: UInt64) -> Bool {
        guard lastBroadcast != broadcast else { return true }
        lastBroadcast = broadcast
        return false
    }
}
