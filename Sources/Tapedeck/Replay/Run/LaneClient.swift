import NIOConcurrencyHelpers
import NIOCore
import SocketIOClient
import SocketIOWire

/// The live counterpart of a recorded connection: an Engine.IO client whose messages are read as Socket.IO packets, in wire order.
final class LaneClient: Sendable {
    enum Event: Sendable {
        case opened(engineID: String)
        case upgraded
        case packet(LanePacket)
        case closed(reason: String, isUnreachable: Bool)
    }

    private let engine: EngineClient
    private let parser: (any PacketParser)?
    private let isLegacy: Bool

    init(_ configuration: EngineClient.Configuration, onEvent: @escaping @Sendable (Event) -> Void) {
        isLegacy = configuration.protocolVersion == 3
        parser = configuration.parser
        let legacyID = NIOLockedValueBox<String?>(nil)
        let isLegacy = isLegacy
        // the engine's events come on one loop, one after the other; the lock is never waited for
        let limits = SocketPacketLimits(maxAttachments: 10_000)
        let decoder = NIOLockedValueBox(configuration.parser?.makeDecoder(limits: limits) ?? SocketPacketDecoder(limits: limits))
        let broken = NIOLockedValueBox<String?>(nil)
        let failing = NIOLockedValueBox<EngineClient?>(nil)
        let receive = { @Sendable (message: ParserMessage) throws in
            guard broken.withLockedValue({ $0 }) == nil, let packet = try decoder.withLockedValue({ try $0.decode(message) }) else {
                return
            }
            onEvent(.packet(try LanePacket(packet, legacyID: legacyID.withLockedValue { $0 })))
        }
        engine = EngineClient(configuration) { event in
            do {
                switch event {
                case .opened(let handshake):
                    if isLegacy { legacyID.withLockedValue { $0 = handshake.sid } }
                    onEvent(.opened(engineID: handshake.sid))
                case .upgraded: onEvent(.upgraded)
                case .text(let text): try receive(.text(text))
                case .binary(let bytes): try receive(.binary(bytes))
                case .closed(let reason, let error):
                    let isUnreachable =
                        switch error {
                        case .unreachable, .timedOut: true
                        default: false
                        }
                    let text = broken.withLockedValue { $0 } ?? error?.description ?? reason.rawValue
                    failing.withLockedValue { $0 = nil }
                    onEvent(.closed(reason: text, isUnreachable: isUnreachable))
                }
            } catch {
                broken.withLockedValue { $0 = "the server sent something that is no Socket.IO packet: \(error)" }
                failing.withLockedValue { $0 }?.abort()
            }
        }
        failing.withLockedValue { $0 = engine }
    }

    func open() { engine.connect() }

    func upgrade() async throws(EngineClientError) { try await engine.upgrade() }

    func send(_ packet: LanePacket) {
        guard let message = message(for: packet) else { return }
        engine.send(message.written(by: parser))
    }

    /// `nil` for what no client sends.
    private func message(for packet: LanePacket) -> OutgoingMessage? {
        switch packet.kind {
        case .connect where isLegacy:
            // The server joins `/` by itself; elsewhere `auth` is a query.
            packet.namespace == "/"
                ? nil : SocketPacketEncoder.encodeConnect(namespace: packet.namespace + Self.query(packet.arguments.first))
        case .connect:
            SocketPacketEncoder.encodeConnect(namespace: packet.namespace, payload: packet.arguments.first?.serialized())
        case .connectError: nil
        case .disconnect: SocketPacketEncoder.encodeDisconnect(namespace: packet.namespace)
        case .event(let name, let ackID):
            SocketPacketEncoder.encodeEvent(
                namespace: packet.namespace, name: name, arguments: JSONArguments(packet.arguments), ackID: ackID)
        case .ack(let ackID):
            SocketPacketEncoder.encodeAck(namespace: packet.namespace, ackID: ackID, arguments: JSONArguments(packet.arguments))
        }
    }

    private static func query(_ auth: JSONValue?) -> String {
        guard let object = auth?.objectValue, !object.isEmpty else { return "" }
        return "?" + RequestTarget.query(object)
    }

    func close() { engine.close() }

    func abort() { engine.abort() }

    func waitUntilEnded() async { await engine.waitUntilEnded() }
}

extension LanePacket {
    /// - Parameter legacyID: the engine's id where the client speaks Socket.IO 2: the answer to a connect then tells no id, the client makes it.
    init(_ packet: SocketPacket, legacyID: String? = nil) throws(JSONError) {
        switch packet.kind {
        case .connect, .connectError:
            var arguments: [JSONValue] = []
            if packet.kind == .connect, let legacyID {
                arguments.append(["sid": .string(packet.namespace == "/" ? legacyID : "\(packet.namespace)#\(legacyID)")])
            } else if let payload = packet.payload {
                arguments.append(try JSONValue(parsing: payload))
            }
            self.init(kind: packet.kind == .connect ? .connect : .connectError, namespace: packet.namespace, arguments: arguments)
        case .disconnect: self.init(kind: .disconnect, namespace: packet.namespace)
        case .event, .binaryEvent:
            self.init(
                kind: .event(name: packet.eventName ?? "", ackID: packet.ackID), namespace: packet.namespace,
                arguments: packet.arguments.values())
        case .ack, .binaryAck:
            self.init(kind: .ack(packet.ackID ?? 0), namespace: packet.namespace, arguments: packet.arguments.values())
        }
    }
}
