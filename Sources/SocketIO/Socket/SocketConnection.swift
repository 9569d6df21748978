public import EngineIO
import NIOCore

/// The Engine.IO connection below a socket.
public struct SocketConnection: Sendable {
    let connection: EngineConnection

    /// Its secret id, which the handshake tells the client.
    package var id: String { connection.id }
    /// Process-wide number, from 1; names the connection in a recording.
    public var number: UInt64 { connection.number }
    /// What it runs over at this moment.
    public var transport: TransportKind { connection.transport }
    /// Revision of the Engine.IO protocol.
    public var protocolVersion: Int { connection.protocolVersion }
    /// Address of the client as the server sees it, without port.
    public var remoteAddress: String? { connection.request.remoteAddress }
    /// How long the client took to answer the last ping; nil before the first.
    public var latency: Duration? { connection.latency }
    /// Bytes received and sent so far.
    public var bytesIn: UInt64 { connection.bytesIn }
    /// Bytes sent so far.
    public var bytesOut: UInt64 { connection.bytesOut }
    /// Bytes that are queued for the client and not yet handed to the network.
    public var bufferedBytes: Int { connection.bufferedBytes }

    /// Ends it from the server's side, without a word to its namespaces; what waits is sent first. From any thread.
    package func close() {
        connection.eventLoop.execute { [connection] in connection.close(reason: .forcedClose, detail: nil) }
    }
}
