public import ServiceLifecycle
public import SocketIO

/// Drains a Socket.IO server when its application shuts down.
///
/// List it after the services that its handlers need, so that clients are told first and those services end last.
public struct SocketIOService: Service {
    let io: SocketIOServer
    let plan: Shutdown

    /// Waits for graceful shutdown, or for its task to be cancelled, then drains the server.
    public func run() async throws {
        // A cancelled service ends too, and its clients are told all the same.
        try? await gracefulShutdown()
        await io.shutdown(plan)
    }
}

extension SocketIOServer {
    /// The service to hand to `Application(services:)`: at graceful shutdown it disconnects all clients.
    public var service: SocketIOService { service(shutdown: Shutdown()) }

    /// The same, with a word to the clients and some time: see ``Shutdown``.
    public func service(shutdown plan: Shutdown) -> SocketIOService { SocketIOService(io: self, plan: plan) }
}
