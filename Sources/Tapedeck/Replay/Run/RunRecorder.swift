import NIOCore
import SocketIOWire
import Tape

/// Keeps a replay as a new tape, as its clients saw it. Its run names the tape it comes from; the n-th connection and session stand in the
/// same place of the lists there, so that both tapes can be joined.
struct RunRecorder {
    private let writer: TapeWriter
    private let plan: ReplayPlan
    private let began = (unix: UnixTime.now(), clock: ContinuousClock.now)
    private var openedLanes: Set<Int> = []
    private var auths: [Int: ByteBuffer] = [:]
    private var bytes: [(in: UInt64, out: UInt64)]

    init(path: String, plan: ReplayPlan, tape: String, url: String) throws(ReplayError) {
        self.plan = plan
        bytes = plan.lanes.map { _ in (0, 0) }
        var settings: JSONObject = [
            "replay_of": [
                "tape": .string(tape), "connections": .array(plan.lanes.map { .integer($0.connectionID) }),
                "sessions": .array(plan.sessions.map { $0.sessionID.map { .integer($0) } ?? .null }),
            ]
        ]
        // as a server says that it speaks so: one server, one parser
        if plan.lanes.contains(where: \.usesMessagePack) { settings["parser"] = "msgpack" }
        do {
            let run = TapeRun(kind: .replay, software: "tapedeck replay", upstream: url, settings: JSONValue.object(settings).description)
            writer = try TapeWriter(path: path, run: run)
        } catch { throw ReplayError.cannotRecord(path: path, reason: error.description) }
    }

    private func append(_ kind: TapeRecord.Kind) {
        writer.append(TapeRecord(at: began.unix + Int64((ContinuousClock.now - began.clock) / .microseconds(1)), kind: kind))
    }

    private static func connection(_ lane: Int) -> UInt64 { UInt64(lane + 1) }
    private static func session(_ session: Int) -> UInt64 { UInt64(session + 1) }

    mutating func opened(_ lane: Int, engineID: String, headers: [(name: String, value: String)]) {
        guard openedLanes.insert(lane).inserted else { return }
        let row = plan.lanes[lane]
        append(
            .connectionOpened(
                TapeConnection(
                    number: Self.connection(lane), sid: engineID, engineProtocol: row.revision,
                    transport: row.transport == .webSocket ? "websocket" : "polling", remoteAddress: nil,
                    url: "\(row.path)?EIO=\(row.revision)&transport=\(row.transport == .webSocket ? "websocket" : "polling")",
                    headers: headers)))
    }

    func upgraded(_ lane: Int) {
        guard openedLanes.contains(lane) else { return }
        append(.connectionUpgraded(connection: Self.connection(lane), transport: "websocket"))
    }

    mutating func closed(_ lane: Int, reason: String) {
        guard openedLanes.remove(lane) != nil else { return }
        append(
            .connectionClosed(
                connection: Self.connection(lane), reason: reason, detail: nil, bytesIn: bytes[lane].in, bytesOut: bytes[lane].out))
    }

    /// - Parameters:
    ///   - session: that the packet belongs to; without one it is none of the recording's business.
    ///   - offset: the last argument, if it is none.
    mutating func packet(_ packet: LanePacket, _ direction: TapeDirection, lane: Int, session: Int?, offset: String? = nil) {
        guard openedLanes.contains(lane), let session else { return }
        var attachments: [ByteBuffer] = []
        let payload = Self.payload(of: packet, attachments: &attachments)
        let size = (payload?.readableBytes ?? 0) + attachments.reduce(0) { $0 + $1.readableBytes }
        if direction == .in { bytes[lane].in += UInt64(size) } else { bytes[lane].out += UInt64(size) }
        let isBinary = !attachments.isEmpty
        var event: String?
        var ackID: UInt64?
        let type: TapePacketType
        switch packet.kind {
        case .connect:
            type = .connect
            if direction == .in { auths[session] = payload }
        case .connectError: type = .connectError
        case .disconnect: type = .disconnect
        case .event(let name, let id): (type, event, ackID) = (isBinary ? .binaryEvent : .event, name, id)
        case .ack(let id): (type, ackID) = (isBinary ? .binaryAck : .ack, id)
        }
        append(
            .packet(
                TapePacket(
                    connection: Self.connection(lane), session: Self.session(session), direction: direction, type: type,
                    namespace: packet.namespace, event: event, ackID: ackID, payload: payload, attachments: attachments, bytes: size,
                    recoveryOffset: offset)))
        if packet.kind == .connect, direction == .out {
            append(
                .sessionConnected(
                    TapeSession(
                        number: Self.session(session), connection: Self.connection(lane),
                        sid: packet.arguments.first?["sid"]?.stringValue ?? "", namespace: packet.namespace, auth: auths[session],
                        recovered: false)))
        } else if packet.kind == .disconnect {
            append(
                .sessionDisconnected(
                    session: Self.session(session),
                    reason: direction == .in ? "client namespace disconnect" : "server namespace disconnect"))
        }
    }

    private static func payload(of packet: LanePacket, attachments: inout [ByteBuffer]) -> ByteBuffer? {
        let value: JSONValue?
        switch packet.kind {
        case .connect, .connectError: value = packet.arguments.first
        case .disconnect: value = nil
        case .event(let name, _): value = .array([.string(name)] + packet.arguments)
        case .ack: value = .array(packet.arguments)
        }
        guard let value else { return nil }
        var buffer = ByteBuffer()
        value.write(into: &buffer, attachments: &attachments)
        return buffer
    }

    func close() async throws(ReplayError) {
        do { try await writer.close() } catch { throw ReplayError.cannotRecord(path: writer.path, reason: error.description) }
    }
}
