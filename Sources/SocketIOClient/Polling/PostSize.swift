import NIOCore
import SocketIOWire

/// How many packets go into one POST.
///
/// `maxPayload` limits what the client sends in one body: packets are taken as long as the encoded body stays within it, but always at
/// least one, since a packet cannot be split (trap 18 of the behaviour notes).
struct PostSize {
    private let limit: Int?
    private var bytes = 0
    private var count = 0

    init(limit: Int?) {
        self.limit = limit
    }

    /// Counts a packet of `size` encoded bytes in; false if it has no place any more.
    mutating func take(_ size: Int) -> Bool {
        let grown = bytes + size + (count == 0 ? 0 : 1)
        if count > 0, let limit, grown > limit { return false }
        bytes = grown
        count += 1
        return true
    }

    /// The bytes of a packet in a payload: a digit and UTF-8, or `b` and base64.
    static func encodedSize(of packet: EnginePacket) -> Int {
        1 + (packet.isBinary ? (packet.payload.readableBytes + 2) / 3 * 4 : packet.payload.readableBytes)
    }
}
