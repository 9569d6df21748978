package import NIOCore
package import SocketIOWire

/// Takes the connections of an engine.
package protocol EngineDelegate: AnyObject, Sendable {
    /// A session has begun. Set `connection.receiver` here: no packet comes before. On the connection's event loop.
    func engine(_ engine: Engine, didOpen connection: EngineConnection)
}

/// Takes what one connection receives. All on the connection's event loop.
package protocol EngineReceiver: AnyObject {
    /// A text message, without Engine.IO's type.
    func connection(_ connection: EngineConnection, didReceiveText text: ByteBuffer)
    func connection(_ connection: EngineConnection, didReceiveBinary bytes: ByteBuffer)
    /// All that waited has been handed to the transport.
    func connectionDidDrain(_ connection: EngineConnection)
    /// The last call for this connection.
    func connection(_ connection: EngineConnection, didCloseWith reason: EngineCloseReason, detail: String?)
}

package enum EngineDirection: Sendable, Hashable {
    case incoming, outgoing
}

/// Sees what an engine does below the messages, for recording. Absent when nothing records. All on the connection's event loop.
package protocol EngineObserver: Sendable {
    func connectionOpened(_ connection: EngineConnection)
    /// A packet of any type but `message`: messages are the receiver's.
    func enginePacket(
        _ connection: EngineConnection, direction: EngineDirection, type: EnginePacketType, payload: ByteBuffer?, bytes: Int)
    func connectionUpgraded(_ connection: EngineConnection)
    func connectionClosed(_ connection: EngineConnection, reason: EngineCloseReason, detail: String?)
}
