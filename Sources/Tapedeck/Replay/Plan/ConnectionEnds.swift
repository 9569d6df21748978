/// When and by whom the recorded connections were ended, in the order of time.
struct ConnectionEnds {
    enum Kind: Equatable {
        case close
        case cut
        case byServer(String)
    }

    struct End {
        let lane: Int
        let connectionID: Int64
        let at: Int64
        /// The connection's last packet: its end comes after it, whatever the clock says.
        let lastPacketID: Int64
        let kind: Kind

        /// An end has no packet id, so it is placed by time: before what others received from that moment on, after all that its own
        /// connection had seen.
        func precedes(_ packet: Recording.Packet) -> Bool { packet.id > lastPacketID && packet.at >= at }
    }

    private(set) var ends: [End] = []

    init(recording: Recording, lanes: [Int64: Int]) {
        var lastPacket: [Int64: Int64] = [:]
        var saidClose: Set<Int64> = []
        for packet in recording.packets {
            lastPacket[packet.connectionID] = packet.id
            if packet.kind == .engineClose, packet.direction == .incoming { saidClose.insert(packet.connectionID) }
        }
        var leftAt: [Int64: Int64] = [:]
        for session in recording.sessions {
            guard let at = session.disconnectedAt, !Self.isOfNamespace(session.reason) else { continue }
            leftAt[session.connectionID] = min(at, leftAt[session.connectionID] ?? .max)
        }
        for connection in recording.connections {
            guard let lane = lanes[connection.id], let closedAt = connection.closedAt else { continue }
            let kind: Kind
            switch connection.closeReason {
            // the recording ended with the server: its clients were still there
            case "server shutting down": continue
            case "forced close", "forced server close": kind = .byServer("forced close")
            case "transport close": kind = .close
            case _ where saidClose.contains(connection.id): kind = .close
            default: kind = .cut
            }
            ends.append(
                End(
                    lane: lane, connectionID: connection.id, at: min(closedAt, leftAt[connection.id] ?? .max),
                    lastPacketID: lastPacket[connection.id] ?? .min, kind: kind))
        }
        // several ends at one moment keep the order of their connections; an end never overtakes an earlier one that is still held back
        ends.sort { ($0.at, $0.connectionID) < ($1.at, $1.connectionID) }
    }

    private static func isOfNamespace(_ reason: String?) -> Bool {
        reason == "client namespace disconnect" || reason == "server namespace disconnect"
    }
}
