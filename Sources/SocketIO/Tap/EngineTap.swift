import EngineIO
import HTTPTypes
import NIOCore
import SocketIOWire

/// Turns what the engine observes into tap events. On the connection's event loop.
struct EngineTap: EngineObserver {
    let tap: any Tap
    let clock: TapClock

    func connectionOpened(_ connection: EngineConnection) {
        record(
            .connectionOpened(
                TapConnection(
                    number: connection.number, sid: connection.id, protocolVersion: connection.protocolVersion,
                    transport: connection.transport.rawValue,
                    remoteAddress: connection.request.remoteAddress, url: connection.request.url,
                    headers: headers(of: connection.request))))
    }

    /// The header fields with `Host`, which the HTTP types keep apart.
    private func headers(of request: EngineRequest) -> [(name: String, value: String)] {
        let host = request.authority.map { [(name: "Host", value: $0)] } ?? []
        return host + request.headers.map { (name: $0.name.rawName, value: $0.value) }
    }

    func enginePacket(
        _ connection: EngineConnection, direction: EngineDirection, type: EnginePacketType, payload: ByteBuffer?, bytes: Int
    ) {
        record(
            .enginePacket(
                connection: connection.number, direction: direction == .incoming ? .incoming : .outgoing, type: "\(type)", payload: payload,
                bytes: bytes))
    }

    func connectionUpgraded(_ connection: EngineConnection) {
        record(.connectionUpgraded(connection: connection.number, transport: connection.transport.rawValue))
    }

    func connectionClosed(_ connection: EngineConnection, reason: EngineCloseReason, detail: String?) {
        record(
            .connectionClosed(
                connection: connection.number, reason: reason.rawValue, detail: detail, bytesIn: connection.bytesIn,
                bytesOut: connection.bytesOut))
    }

    private func record(_ kind: TapEvent.Kind) {
        tap.record(TapEvent(at: clock.now(), kind: kind))
    }
}
