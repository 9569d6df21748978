import EngineIO
import NIOCore
import SocketIO
import SocketIOWire

/// One Engine.IO session as somebody sees it who stands between client and server: packets in, what a tap is told out.
///
/// A pure value. What only the server knows, such as rooms and which of its packets were one broadcast, is not seen from here.
struct ObservedConnection {
    /// Which side did something.
    enum Side: Sendable {
        case client, server

        var direction: TapDirection { self == .client ? .incoming : .outgoing }
    }

    /// How a session was begun.
    struct Opening: Sendable {
        var sid: String
        var revision: EngineRevision
        var transport: TransportKind
        var remoteAddress: String?
        var url: String
        var headers: [(name: String, value: String)]
        /// How long the server waits between two pings, and how long for an answer.
        var pingInterval = TimeAmount.seconds(25)
        var pingTimeout = TimeAmount.seconds(20)
    }

    let number: UInt64
    let opening: Opening
    private(set) var transport: TransportKind
    private var sockets: ObservedSockets
    private var decoders: (client: any PacketDecoder, server: any PacketDecoder)
    /// Bytes of the packets that are being put together.
    private var pendingBytes = (client: 0, server: 0)
    private var bytes = (client: UInt64(0), server: UInt64(0))
    /// A packet said that the session ends, or the server took leave of all namespaces.
    private(set) var farewell: Side?
    /// When the server sent a ping that has not been answered.
    private(set) var unansweredPing: NIODeadline?
    /// When the client was last heard of, by whatever it sent.
    private(set) var lastHeard: NIODeadline

    init(number: UInt64, opening: Opening, parser: (any PacketParser)?, now: NIODeadline) {
        self.number = number
        self.opening = opening
        transport = opening.transport
        lastHeard = now
        sockets = ObservedSockets(connection: number, engineID: opening.sid, isLegacy: opening.revision == .three)
        // The server has limits of its own; here it only matters that all is seen.
        let limits = SocketPacketLimits(maxAttachments: 100_000, maxDepth: 1000, maxNamespaceLength: 8192)
        decoders =
            if let parser { (parser.makeDecoder(limits: limits), parser.makeDecoder(limits: limits)) } else {
                (SocketPacketDecoder(limits: limits), SocketPacketDecoder(limits: limits))
            }
    }

    /// What is told before its first packet.
    mutating func begin(_ numbers: inout SocketNumbers) -> [TapEvent.Kind] {
        let opened = TapConnection(
            number: number, sid: opening.sid, protocolVersion: opening.revision.rawValue, transport: opening.transport.rawValue,
            remoteAddress: opening.remoteAddress, url: opening.url, headers: opening.headers)
        return [.connectionOpened(opened)]
    }

    /// A packet that one side has sent to the other.
    mutating func received(_ packet: EnginePacket, from side: Side, at now: NIODeadline, _ numbers: inout SocketNumbers) -> [TapEvent.Kind]
    {
        let size = packet.payload.readableBytes + 1
        if side == .client { bytes.client += UInt64(size) } else { bytes.server += UInt64(size) }
        if side == .client { lastHeard = now }
        guard packet.type == .message else { return engine(packet, from: side, at: now, &numbers) }
        do throws(SocketPacketError) {
            let message: ParserMessage = packet.isBinary ? .binary(packet.payload) : .text(packet.payload)
            guard let whole = try decode(message, from: side) else { return [] }
            return sockets.received(whole.packet, bytes: whole.bytes, from: side, &numbers)
        } catch {
            // The two may understand each other all the same; it is on the tape as it was.
            pendingBytes = (0, 0)
            return [
                .enginePacket(
                    connection: number, direction: side.direction, type: "message", payload: packet.payload,
                    bytes: packet.payload.readableBytes)
            ]
        }
    }

    private mutating func engine(
        _ packet: EnginePacket, from side: Side, at now: NIODeadline, _ numbers: inout SocketNumbers
    ) -> [TapEvent.Kind] {
        let size = packet.payload.readableBytes
        var told: [TapEvent.Kind] = [
            .enginePacket(
                connection: number, direction: side.direction, type: "\(packet.type)", payload: size > 0 ? packet.payload : nil,
                bytes: size + 1)
        ]
        switch (packet.type, side) {
        case (.open, .server):
            // Servers join clients of Socket.IO 2 by themselves.
            if opening.revision == .three { told += sockets.received(.impliedConnect(to: "/"), bytes: 0, from: .client, &numbers) }
        case (.close, _): farewell = farewell ?? side
        case (.ping, .server) where size == 0: unansweredPing = unansweredPing ?? now
        case (.pong, .client): unansweredPing = nil
        case (.upgrade, .client):
            transport = .webSocket
            told.append(.connectionUpgraded(connection: number, transport: transport.rawValue))
        default: break
        }
        return told
    }

    private mutating func decode(_ message: ParserMessage, from side: Side) throws(SocketPacketError) -> (packet: SocketPacket, bytes: Int)?
    {
        switch side {
        case .client:
            pendingBytes.client += message.bytes.readableBytes
            guard let packet = try decoders.client.decode(message) else { return nil }
            defer { pendingBytes.client = 0 }
            return (packet, pendingBytes.client)
        case .server:
            pendingBytes.server += message.bytes.readableBytes
            guard let packet = try decoders.server.decode(message) else { return nil }
            defer { pendingBytes.server = 0 }
            return (packet, pendingBytes.server)
        }
    }

    /// Why the session ended, if it was the server that ended it: as it would say itself, as far as that can be told from outside.
    func reasonOfServer(at now: NIODeadline) -> EngineCloseReason {
        let patience = opening.pingTimeout - .milliseconds(100)
        // Clients of revision 3 ping; the server gives them both times.
        let isSilent =
            switch opening.revision {
            case .four: unansweredPing.map { now - $0 >= patience } ?? false
            case .three: now - lastHeard >= opening.pingInterval + patience
            }
        return isSilent && farewell == nil ? .pingTimeout : .forcedClose
    }

    /// Whether the server took leave before it ended the session: a server that just stops does not.
    var hasServerTakenLeave: Bool { farewell == .server || sockets.hasServerTakenLeave }

    mutating func heard(at now: NIODeadline) { lastHeard = now }

    /// What is told at its end.
    mutating func end(_ reason: EngineCloseReason, _ detail: String?) -> [TapEvent.Kind] {
        sockets.end(reason.rawValue) + [
            .connectionClosed(connection: number, reason: reason.rawValue, detail: detail, bytesIn: bytes.client, bytesOut: bytes.server)
        ]
    }
}
