/// The ways in which a client's packets can travel; the raw values are the names on the wire.
public enum TransportKind: String, Sendable, Hashable, CaseIterable {
    case polling
    case webSocket = "websocket"
}
