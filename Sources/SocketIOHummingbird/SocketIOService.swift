public import ServiceLifecycle
public import SocketIO

/// Drains a Socket.IO server when its application shuts down.
///
/// List it after the services that its handlers need, so that clients are told first and those services end last.
public struct SocketIOService: Service {
    let io: SocketIOServer

    public func run() async throws {
        // A cancelled service ends too, and its clients are told all the same.
        try? await gracefulShutdown()
        await io.shutdown()
    }
}

extension SocketIOServer {
    /// The service to hand to `Application(services:)`: at graceful shutdown it disconnects all clients.
    public var service: SocketIOService { SocketIOService(io: self) }
}
