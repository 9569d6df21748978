import NIOCore
import SocketIOWire

/// The way of a WebSocket that wants to take over a polling session: `2probe`, `3probe`, `5`.
///
/// Pure: what comes goes in, what to do comes out.
struct UpgradeState: Sendable, Hashable {
    enum Action: Sendable, Hashable {
        case answerProbe
        case complete
        /// Close the WebSocket, and only that: the session goes on polling (trap 9 of the behaviour notes).
        case abandon
    }

    private(set) var hasProbed = false
    let deadline: NIODeadline

    mutating func received(_ packet: EnginePacket) -> Action {
        switch packet.type {
        case .ping where packet.payload == ByteBuffer(string: "probe"):
            hasProbed = true
            return .answerProbe
        case .upgrade:
            // Also without a probe: some clients do that (trap 7).
            return .complete
        default:
            return .abandon
        }
    }
}
