import NIOCore
import SocketIO
import SocketIOWire
import Tape

extension TapeRecord {
    /// A server's event in the tape's words.
    init(_ event: TapEvent) {
        self.init(at: event.at.microseconds, kind: Kind(event.kind))
    }
}

extension TapeRecord.Kind {
    fileprivate init(_ kind: TapEvent.Kind) {
        switch kind {
        case .connectionOpened(let connection):
            self = .connectionOpened(
                TapeConnection(
                    number: connection.number, sid: connection.sid, engineProtocol: connection.protocolVersion,
                    transport: connection.transport, remoteAddress: connection.remoteAddress, url: connection.url,
                    headers: connection.headers))
        case .connectionUpgraded(let connection, let transport):
            self = .connectionUpgraded(connection: connection, transport: transport)
        case .connectionClosed(let connection, let reason, let detail, let bytesIn, let bytesOut):
            self = .connectionClosed(connection: connection, reason: reason, detail: detail, bytesIn: bytesIn, bytesOut: bytesOut)
        case .enginePacket(let connection, let direction, let type, let payload, let bytes):
            self = .enginePacket(
                TapeEnginePacket(
                    connection: connection, direction: TapeDirection(direction),
                    // A name that no revision knows can only be of something that was not understood.
                    type: TapeEnginePacketType(rawValue: type) ?? .message, payload: payload, bytes: bytes))
        case .socketConnected(let socket):
            self = .sessionConnected(
                TapeSession(
                    number: socket.number, connection: socket.connection, sid: socket.sid, namespace: socket.namespace, auth: socket.auth,
                    recovered: socket.recovered))
        case .socketDisconnected(let socket, let reason):
            self = .sessionDisconnected(session: socket, reason: reason)
        case .packet(let packet):
            self = .packet(
                TapePacket(
                    connection: packet.connection, session: packet.socket, direction: TapeDirection(packet.direction),
                    type: TapePacketType(packet.kind), namespace: packet.namespace, event: packet.eventName, ackID: packet.ackID,
                    payload: packet.payload, attachments: packet.attachments, bytes: packet.bytes,
                    recoveryOffset: packet.offset))
        case .broadcast(let broadcast):
            self = .broadcast(
                TapeBroadcast(
                    number: broadcast.number, type: TapePacketType(broadcast.kind), namespace: broadcast.namespace,
                    event: broadcast.eventName, ackID: broadcast.ackID, payload: broadcast.payload, attachments: broadcast.attachments,
                    bytes: broadcast.bytes, recoveryOffset: broadcast.offset))
        case .delivery(let broadcast, let recipients):
            self = .delivery(broadcast: broadcast, sessions: recipients.map(\.socket))
        case .ackTimedOut(let socket, let ackID):
            self = .ackTimedOut(session: socket, ackID: ackID)
        case .roomChange(let change):
            self = .roomChange(
                TapeRoomChange(
                    session: change.socket, sid: change.sid, namespace: change.namespace, room: change.room,
                    action: change.action == .join ? .join : .leave, cause: TapeRoomChange.Cause(change.cause)))
        case .dropped(let drop):
            self = .dropped(TapeDrop(session: drop.socket, event: drop.eventName, bytes: drop.bytes, broadcast: drop.broadcast))
        case .marker(let name):
            self = .marker(name: name)
        }
    }
}

extension TapeDirection {
    fileprivate init(_ direction: TapDirection) { self = direction == .incoming ? .in : .out }
}

extension TapeRoomChange.Cause {
    fileprivate init(_ cause: TapRoomChange.Cause) {
        switch cause {
        case .app: self = .app
        case .connect: self = .connect
        case .disconnect: self = .disconnect
        }
    }
}

extension TapePacketType {
    fileprivate init(_ kind: SocketPacket.Kind) {
        switch kind {
        case .connect: self = .connect
        case .disconnect: self = .disconnect
        case .event: self = .event
        case .ack: self = .ack
        case .connectError: self = .connectError
        case .binaryEvent: self = .binaryEvent
        case .binaryAck: self = .binaryAck
        }
    }
}
