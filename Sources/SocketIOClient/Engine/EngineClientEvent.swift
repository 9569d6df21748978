public import NIOCore

/// What happens on an Engine.IO connection, in the order of the wire.
public enum EngineClientEvent: Sendable {
    /// The server accepted the connection.
    case opened(EngineHandshake)
    /// The connection has moved from polling to WebSocket.
    case upgraded
    /// A text message, without its engine packet type.
    case text(ByteBuffer)
    /// A binary message.
    case binary(ByteBuffer)
    /// The connection is over; nothing follows. The error says more where there is more to say.
    case closed(EngineClientCloseReason, EngineClientError?)
}

/// What the server announced when it accepted the connection.
public struct EngineHandshake: Sendable, Hashable {
    /// The connection's secret id.
    public var sid: String
    /// The transports that the server offers to upgrade to.
    public var upgrades: [String]
    /// The server pings this often.
    public var pingInterval: Duration
    /// The server may be late with a ping by this much.
    public var pingTimeout: Duration
    /// The most bytes that the body of one POST may have; nil if the server sets no limit.
    public var maxPayload: Int?
}

/// How packets travel.
public enum ClientTransport: String, Sendable, Hashable, CaseIterable {
    case polling
    case webSocket = "websocket"
}
