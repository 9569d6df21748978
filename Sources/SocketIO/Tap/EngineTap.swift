import EngineIO
import HTTPTypes
import NIOCore
import SocketIOWire

/// Turns what the engine observes into tap events: connections, and the packets that are no Socket.IO packets.
///
/// Time is read here and not taken from the engine, so that both layers have one clock.
struct EngineTap: EngineObserver {
    let tap: any Tap
    let clock: TapClock

    private func record(_ kind: TapEvent.Kind) {
        tap.record(TapEvent(at: clock.now(), kind: kind))
    }

    func connectionOpened(_ connection: EngineConnection, at: NIODeadline) {
        let request = connection.request
        record(
            .connectionOpened(
                TapConnection(
                    number: connection.number, sid: connection.id, protocolVersion: connection.protocolVersion,
                    transport: connection.transport.rawValue, remoteAddress: request.remoteAddress, url: url(of: request),
                    headers: request.headers.map { (name: $0.name.rawName, value: $0.value) })))
    }

    func enginePacket(
        _ connection: EngineConnection, direction: EngineDirection, type: EnginePacketType, payload: ByteBuffer?, at: NIODeadline
    ) {
        record(
            .enginePacket(
                connection: connection.number, direction: direction == .incoming ? .incoming : .outgoing, type: "\(type)", payload: payload,
                bytes: payload?.readableBytes ?? 0))
    }

    func upgraded(_ connection: EngineConnection, at: NIODeadline) {
        record(.connectionUpgraded(connection: connection.number, transport: connection.transport.rawValue))
    }

    func closed(
        _ connection: EngineConnection, reason: EngineCloseReason, detail: String?, bytesIn: UInt64, bytesOut: UInt64, at: NIODeadline
    ) {
        record(
            .connectionClosed(
                connection: connection.number, reason: reason.rawValue, detail: detail, bytesIn: bytesIn, bytesOut: bytesOut))
    }

    private func url(of request: EngineRequest) -> String {
        guard !request.query.isEmpty else { return request.path }
        return request.path + "?" + request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}
