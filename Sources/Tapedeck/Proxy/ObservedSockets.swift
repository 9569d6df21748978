import NIOCore
import SocketIO
import SocketIOWire

/// Numbers and memories that all connections of a proxy share.
struct SocketNumbers {
    private var last: UInt64 = 0
    /// The ids of sockets that could come back, by the secret that proves them.
    private var recoverable: [String: String] = [:]
    private var secrets: [String] = []
    /// How many of them are remembered.
    private static let limit = 10_000

    mutating func next() -> UInt64 {
        last += 1
        return last
    }

    /// - Returns: whether the secret is known to be this socket's.
    mutating func note(secret: String, of sid: String) -> Bool {
        if let known = recoverable.updateValue(sid, forKey: secret) { return known == sid }
        secrets.append(secret)
        if secrets.count > 2 * Self.limit {
            for secret in secrets.prefix(Self.limit) { recoverable[secret] = nil }
            secrets.removeFirst(Self.limit)
        }
        return false
    }
}

/// The sockets of one observed connection, by namespace.
struct ObservedSockets {
    private struct Entry {
        let number: UInt64
        let auth: ByteBuffer?
        /// The server has accepted it.
        var isJoined = false
        /// It may come back: its events end with the place in the server's log.
        var isRecoverable = false
    }

    private let connection: UInt64
    private let engineID: String
    private let isLegacy: Bool
    private var entries: [String: Entry] = [:]
    /// The server disconnected a socket, and none has been accepted since.
    private(set) var hasServerTakenLeave = false

    init(connection: UInt64, engineID: String, isLegacy: Bool) {
        self.connection = connection
        self.engineID = engineID
        self.isLegacy = isLegacy
    }

    mutating func received(
        _ received: SocketPacket, bytes: Int, from side: ObservedConnection.Side, _ numbers: inout SocketNumbers
    ) -> [TapEvent.Kind] {
        var packet = received
        if isLegacy, packet.namespace != "/" {
            let namespace = LegacyNamespace(packet.namespace)
            let isConnect = side == .client && packet.kind == .connect
            packet = packet.with(namespace: namespace.name, payload: isConnect ? namespace.auth : packet.payload)
        }
        let name = packet.namespace
        switch (side, packet.kind) {
        case (.client, .connect):
            let number = numbers.next()
            // A second CONNECT is the server's to refuse.
            if entries[name]?.isJoined != true {
                // Of one who comes back, what was missed comes before the answer.
                let secret = packet.payload.flatMap { try? JSONValue(parsing: $0) }?["pid"]?.stringValue
                entries[name] = Entry(number: number, auth: packet.payload, isRecoverable: secret != nil)
            }
            return [told(packet, bytes, side, number)]
        case (.server, .connect):
            let joined = join(packet, &numbers)
            return (joined.map { [$0] } ?? []) + [told(packet, bytes, side, entries[name]?.number)]
        case (.server, .connectError):
            let number = entries[name]?.isJoined == true ? nil : entries.removeValue(forKey: name)?.number
            return [told(packet, bytes, side, number)]
        case (_, .disconnect):
            guard let entry = entries[name], entry.isJoined else { return [told(packet, bytes, side, nil)] }
            entries[name] = nil
            if side == .server { hasServerTakenLeave = true }
            let reason = side == .client ? "client namespace disconnect" : "server namespace disconnect"
            return [told(packet, bytes, side, entry.number), .socketDisconnected(socket: entry.number, reason: reason)]
        default:
            let entry = entries[name]
            let offset = side == .server && entry?.isRecoverable == true ? Self.offset(of: packet) : nil
            return [told(packet, bytes, side, entry?.number, offset: offset)]
        }
    }

    private mutating func join(_ packet: SocketPacket, _ numbers: inout SocketNumbers) -> TapEvent.Kind? {
        let name = packet.namespace
        guard var entry = entries[name], !entry.isJoined else { return nil }
        let answer = packet.payload.flatMap { try? JSONValue(parsing: $0) }
        // Clients of Socket.IO 2 make the id themselves.
        let sid = isLegacy ? (name == "/" ? engineID : "\(name)#\(engineID)") : answer?["sid"]?.stringValue ?? ""
        var isRecovered = false
        if let secret = answer?["pid"]?.stringValue {
            entry.isRecoverable = true
            isRecovered = numbers.note(secret: secret, of: sid)
        }
        entry.isJoined = true
        entries[name] = entry
        hasServerTakenLeave = false
        return .socketConnected(
            TapSocket(number: entry.number, connection: connection, sid: sid, namespace: name, auth: entry.auth, recovered: isRecovered))
    }

    /// What the official client takes for the place in the server's log: a text at the end of an event without an ack.
    private static func offset(of packet: SocketPacket) -> String? {
        guard packet.kind.isEvent, packet.ackID == nil else { return nil }
        return packet.arguments.values().last?.stringValue
    }

    private func told(
        _ packet: SocketPacket, _ bytes: Int, _ side: ObservedConnection.Side, _ number: UInt64?, offset: String? = nil
    ) -> TapEvent.Kind {
        .packet(
            TapPacket(
                connection: connection, socket: number, direction: side.direction, kind: packet.kind, namespace: packet.namespace,
                eventName: packet.eventName, ackID: packet.ackID, payload: packet.payload, attachments: packet.attachments, bytes: bytes,
                offset: offset))
    }

    /// All that are left end with their connection.
    mutating func end(_ reason: String) -> [TapEvent.Kind] {
        let numbers = entries.values.filter(\.isJoined).map(\.number).sorted()
        entries = [:]
        return numbers.map { .socketDisconnected(socket: $0, reason: reason) }
    }
}
