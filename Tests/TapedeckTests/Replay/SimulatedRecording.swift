import SocketIOWire

@testable import Tapedeck

/// Lets scripted clients talk to a simulated server and writes down what a tape would hold of it.
struct SimulatedRecording {
    private(set) var server: SimulatedServer
    private var connections: [Recording.Connection] = []
    private var sessions: [Recording.Session] = []
    private var packets: [Recording.Packet] = []
    private var closes: [Int: (at: Int64, reason: String)] = [:]
    private var session: [String: Int64] = [:]
    private var clock: Int64 = 1_700_000_000_000_000
    private var acks: UInt64 = 0

    init(seed: Int = 1) { server = SimulatedServer(seed: seed) }

    var recording: Recording {
        var all = connections
        for (number, close) in closes {
            let old = all[number]
            all[number] = Recording.Connection(
                id: old.id, sid: old.sid, transport: old.transport, openedAt: old.openedAt, closedAt: close.at, closeReason: close.reason)
        }
        return Recording(
            runs: [.init(id: 1, kind: "serve", software: nil, startedAt: 0, endedAt: clock)], connections: all, sessions: sessions,
            packets: LongList(packets))
    }

    /// A new connection that joins a namespace; its number.
    mutating func join(_ namespace: String = "/", auth: JSONValue? = nil, transport: String = "websocket") -> Int {
        let connection = connections.count
        clock += 10
        connections.append(
            Recording.Connection(id: Int64(connection + 1), sid: server.makeID("e"), transport: transport, openedAt: clock))
        add(.init(id: 0, connectionID: Int64(connection + 1), at: clock, direction: .outgoing, kind: .engineOpen))
        connect(connection, namespace, auth: auth)
        return connection
    }

    mutating func connect(_ connection: Int, _ namespace: String, auth: JSONValue? = nil) {
        let id = Int64(sessions.count + 1)
        session["\(connection)\(namespace)"] = id
        sessions.append(.init(id: id, connectionID: Int64(connection + 1), sid: nil, namespace: namespace))
        send(LanePacket(kind: .connect, namespace: namespace, arguments: auth.map { [$0] } ?? []), from: connection)
    }

    mutating func emit(_ connection: Int, _ name: String, _ arguments: JSONValue..., in namespace: String = "/") {
        send(LanePacket(kind: .event(name: name, ackID: nil), namespace: namespace, arguments: arguments), from: connection)
    }

    /// Emits with an ack; what was acked.
    @discardableResult
    mutating func ask(_ connection: Int, _ name: String, _ arguments: JSONValue..., in namespace: String = "/") -> [JSONValue] {
        acks += 1
        let outputs = send(LanePacket(kind: .event(name: name, ackID: acks), namespace: namespace, arguments: arguments), from: connection)
        return outputs.first { $0.connection == connection && $0.packet.kind == .ack(acks) }?.packet.arguments ?? []
    }

    mutating func sid(_ connection: Int, in namespace: String = "/") -> String {
        ask(connection, "whoami", in: namespace).first?["id"]?.stringValue ?? ""
    }

    @discardableResult
    mutating func send(_ packet: LanePacket, from connection: Int) -> [SimulatedServer.Output] {
        clock += 10
        note(packet, connection, .incoming)
        let outputs = server.receive(packet, from: connection)
        for output in outputs { note(output.packet, output.connection, .outgoing, broadcast: output.broadcast) }
        return outputs
    }

    mutating func close(_ connection: Int, reason: String = "transport close") {
        clock += 10
        closes[connection] = (clock, reason)
        for output in server.close(connection) { note(output.packet, output.connection, .outgoing, broadcast: output.broadcast) }
    }

    private mutating func note(
        _ packet: LanePacket, _ connection: Int, _ direction: Recording.Direction, broadcast: Int64? = nil
    ) {
        clock += 1
        let (kind, event, ackID): (Recording.Kind, String?, UInt64?) =
            switch packet.kind {
            case .connect: (.connect, nil, nil)
            case .connectError: (.connectError, nil, nil)
            case .disconnect: (.disconnect, nil, nil)
            case .event(let name, let ackID): (.event, name, ackID)
            case .ack(let ackID): (.ack, nil, ackID)
            }
        add(
            .init(
                id: 0, connectionID: Int64(connection + 1), sessionID: session["\(connection)\(packet.namespace)"], at: clock,
                direction: direction, kind: kind, namespace: packet.namespace, event: event, ackID: ackID, arguments: packet.arguments,
                broadcastID: broadcast))
    }

    private mutating func add(_ packet: Recording.Packet) {
        packets.append(
            .init(
                id: Int64(packets.count + 1), connectionID: packet.connectionID, sessionID: packet.sessionID, at: packet.at,
                direction: packet.direction, kind: packet.kind, namespace: packet.namespace, event: packet.event, ackID: packet.ackID,
                arguments: packet.arguments, broadcastID: packet.broadcastID))
    }
}
