import Logging
import NIOConcurrencyHelpers
import NIOCore
import SocketIO

/// Runs a server on a free port for the time of a test.
func withServer<Result>(
    _ configure: (inout SocketIOServer.Options) -> Void = { _ in },
    _ body: (_ io: SocketIOServer, _ port: Int) async throws -> Result
) async throws -> Result {
    var options = SocketIOServer.Options()
    options.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    configure(&options)
    let io = SocketIOServer(options)
    io.sockets.onRaw("settle") { _, _, ack in ack?() }
    let address = try await io.start(port: 0)
    do {
        let result = try await body(io, address.port ?? 0)
        await io.shutdown()
        return result
    } catch {
        await io.shutdown()
        throw error
    }
}

/// Keeps what a tap sees.
final class RecordingTap: Tap {
    private let recorded = NIOLockedValueBox<[TapEvent]>([])

    var events: [TapEvent] { recorded.withLockedValue { $0 } }

    func record(_ event: TapEvent) {
        recorded.withLockedValue { $0.append(event) }
    }

    /// What happened, one short line each.
    var lines: [String] {
        events.compactMap { event in
            switch event.kind {
            case .packet(let packet):
                let payload = packet.payload.map { String(buffer: $0) } ?? ""
                let ack = packet.ackID.map { "#\($0)" } ?? ""
                return "\(packet.direction.rawValue) \(packet.kind)\(ack) \(payload)"
            case .socketConnected(let socket): return "connected \(socket.namespace)"
            case .socketDisconnected(_, let reason): return "disconnected \(reason)"
            case .roomChange(let change): return "\(change.action) \(change.room == change.sid ? "own" : change.room)"
            case .broadcast(let broadcast): return "broadcast \(broadcast.eventName)"
            case .delivery(_, let recipients): return "delivery \(recipients.count)"
            case .ackTimedOut(_, let id): return "timeout \(id)"
            case .connectionOpened: return "opened"
            case .connectionClosed(_, let reason, _, _, _): return "closed \(reason)"
            case .dropped(let drop): return "dropped \(drop.eventName)"
            case .marker(let name): return "mark \(name)"
            case .connectionUpgraded, .enginePacket: return nil
            }
        }
    }
}
