/// Sees everything that passes through a server: connections, packets of both layers, sockets, rooms.
///
/// Give one to ``SocketIOServer/Options/tap``. Without one, nothing is collected and nothing is called.
///
/// For one connection the calls come in wire order, on its event loop; an incoming packet is reported before any effect of it.
/// A room change and the head of a broadcast (``TapEvent/Kind/broadcast(_:)``) are reported on the thread that joins or emits; the deliveries
/// of the broadcast follow on the event loops of their receivers.
///
/// - Warning: `record` must not block and must not call back into the server: it runs on event loops, for a room change even under
///   the namespace's lock.
public protocol Tap: Sendable {
    func record(_ event: TapEvent)
}
