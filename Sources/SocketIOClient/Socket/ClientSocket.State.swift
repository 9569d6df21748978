import NIOCore
import SocketIOWire

/// What a socket knows, all of it under one lock.
extension ClientSocket {
    enum Phase {
        /// Not connected, and not trying to be.
        case idle
        case connecting
        case connected(id: String)
    }

    /// What a server that recovers sessions gave to come back with (row M2 of the behaviour notes).
    struct Recovery {
        var privateID: String?
        var offset: String?
    }

    struct Buffered {
        let message: OutgoingMessage
        let ackID: UInt64?
    }

    struct State {
        var phase = Phase.idle
        /// What the handshake of the namespace says; asked each time.
        var auth: @Sendable () -> JSONValue? = { nil }
        var recovery = Recovery()
        var isRecovered = false
        /// What is emitted before the socket is connected leaves when it is.
        var sendBuffer: [Buffered] = []
        /// What a server sends before its CONNECT reply is delivered after it.
        var receiveBuffer: [SocketPacket] = []
        var nextAckID: UInt64 = 0
        var acks: [UInt64: AckCompletion] = [:]
        var connectWaiters: [EventLoopPromise<Void>] = []
        /// Why the last connect failed, for who waits for it only afterwards.
        var lastFailure: ConnectError?

        var eventHandlers: [String: HandlerTable<EventHandler>] = [:]
        var anyHandlers = HandlerTable<@Sendable (String, JSONArguments) -> Void>()
        var connectHandlers = HandlerTable<@Sendable () -> Void>()
        var connectErrorHandlers = HandlerTable<@Sendable (ConnectError) -> Void>()
        var disconnectHandlers = HandlerTable<@Sendable (DisconnectReason, EngineClientError?) -> Void>()

        mutating func takeSentAcks() -> [AckCompletion] {
            let waiting = Set(sendBuffer.compactMap(\.ackID))
            let sent = acks.filter { !waiting.contains($0.key) }.sorted { $0.key < $1.key }
            for (id, _) in sent { acks[id] = nil }
            return sent.map(\.value)
        }
    }
}
