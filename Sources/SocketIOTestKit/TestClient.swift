import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
public import SocketIO
import SocketIOWire

/// A client of a ``TestServer``. All methods may be called from any thread.
public final class TestClient: Sendable {
    /// An event that the server sent.
    public struct Event: Sendable, CustomStringConvertible {
        /// Where it was sent.
        public let namespace: String
        /// Name of the event.
        public let name: String
        /// What it carries.
        public let arguments: JSONArguments
        let ackID: UInt64?

        public var description: String { "\(name) \(JSONValue.array(arguments.values()))" }
    }

    private struct State {
        var frames = WebSocketFrameDecoder(role: .client, maxMessageSize: 1 << 30)
        var packets = SocketPacketDecoder(limits: SocketPacketLimits(maxAttachments: 10_000))
        var ids: [String: SocketID] = [:]
        var refusals: [String: ConnectRefused] = [:]
        var left: Set<String> = []
        /// Events that nobody has taken yet.
        var events: [Event] = []
        var acks: [UInt64: JSONArguments] = [:]
        var nextAck: UInt64 = 0
        var responders: [String: @Sendable (JSONArguments) throws -> JSONArguments] = [:]
        var answersPings = true
        var isClosed = false
    }

    private let server: TestServer
    private let channel: NIOAsyncTestingChannel
    private let state = NIOLockedValueBox(State())
    /// How long a wait may take in real time before the test is told that it was in vain.
    private static let patience: Duration = .seconds(10)

    init(server: TestServer, channel: NIOAsyncTestingChannel) {
        self.server = server
        self.channel = channel
    }

    // MARK: What it knows

    /// The id of its socket in `/`, or another namespace; nil if it has not joined.
    public func id(in namespace: String = "/") -> SocketID? { state.withLockedValue { $0.ids[namespace] } }

    /// The id of its socket in `/`; nil if it has not joined.
    public var id: SocketID? { id() }

    /// Whether it is in the namespace: it has joined, and was not disconnected.
    public func isConnected(to namespace: String = "/") -> Bool {
        state.withLockedValue { !$0.isClosed && $0.ids[namespace] != nil && !$0.left.contains(namespace) }
    }

    /// Whether the connection below has ended.
    public var isClosed: Bool { state.withLockedValue { $0.isClosed } }

    /// Events that have come and were not taken by ``next(_:as:namespace:)`` yet.
    public var events: [Event] { state.withLockedValue { $0.events } }

    // MARK: What it does

    /// Joins a namespace.
    ///
    /// - Throws: ``ConnectRefused``, ``TestTimeout``.
    public func join(_ namespace: String, auth: JSONValue? = nil) async throws {
        await write(SocketPacketEncoder.encodeConnect(namespace: namespace, payload: auth?.serialized()))
        let outcome: Result<Void, ConnectRefused> = try await wait("the answer to a connect to \(namespace)") { state in
            if let refusal = state.refusals.removeValue(forKey: namespace) { return .failure(refusal) }
            return state.ids[namespace] == nil ? nil : .success(())
        }
        try outcome.get()
    }

    /// Sends an event; when it returns, the server's handlers have run as far as they can without time passing.
    public func emit<each Argument: Encodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, to namespace: String = "/"
    ) async throws {
        await write(
            SocketPacketEncoder.encodeEvent(namespace: namespace, name: event, arguments: try Self.encode(repeat each argument)))
    }

    /// Sends an event and returns the first argument of the server's ack.
    ///
    /// - Throws: ``TestTimeout`` if there is none, `ArgumentError` if it is of another type.
    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, to namespace: String = "/", as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let id = state.withLockedValue { state in
            state.nextAck += 1
            return state.nextAck
        }
        await write(
            SocketPacketEncoder.encodeEvent(
                namespace: namespace, name: event, arguments: try Self.encode(repeat each argument), ackID: id))
        var reader = ArgumentReader(try await wait("an ack of \"\(event)\"") { $0.acks.removeValue(forKey: id) })
        return try reader.next(type)
    }

    /// Takes the next event of this name, waiting for it if it has not come, and returns its arguments.
    ///
    /// - Throws: ``TestTimeout`` if it does not come, `ArgumentError` if its arguments are of other types.
    public func next<each Argument: Decodable & Sendable>(
        _ event: String, as type: repeat (each Argument).Type, namespace: String = "/"
    ) async throws -> (repeat each Argument) {
        let found: Event = try await wait("the event \"\(event)\"") { state in
            guard let index = state.events.firstIndex(where: { $0.name == event && $0.namespace == namespace }) else { return nil }
            return state.events.remove(at: index)
        }
        var reader = ArgumentReader(found.arguments)
        return (repeat try reader.next((each type)))
    }

    /// Answers the server's events of this name from now on with what `answer` returns.
    public func respond(to event: String, _ answer: @escaping @Sendable (JSONArguments) throws -> JSONArguments) {
        state.withLockedValue { $0.responders[event] = answer }
    }

    /// Leaves a namespace.
    public func disconnect(_ namespace: String = "/") async {
        await write(SocketPacketEncoder.encodeDisconnect(namespace: namespace))
        state.withLockedValue { _ = $0.left.insert(namespace) }
    }

    /// Vanishes without a word, as a client whose network went away.
    public func drop() async {
        state.withLockedValue { $0.isClosed = true }
        try? await channel.close()
        await server.settle()
    }

    /// Stops answering pings: after a while the server takes it for dead.
    public func stopAnsweringPings() { state.withLockedValue { $0.answersPings = false } }

    private static func encode<each Argument: Encodable & Sendable>(_ argument: repeat each Argument) throws -> JSONArguments {
        var writer = ArgumentWriter()
        repeat try writer.append(each argument)
        return writer.arguments
    }

    /// Waits in real time for what the server's other threads do; virtual time does not pass.
    private func wait<Value: Sendable>(_ what: String, _ take: @Sendable (inout State) -> Value?) async throws -> Value {
        let end = ContinuousClock.now + Self.patience
        while true {
            await server.settle()
            if let value = state.withLockedValue({ take(&$0) }) { return value }
            guard ContinuousClock.now < end, !isClosed else { break }
            try await Task.sleep(for: .milliseconds(1))
        }
        let heard = events.map(\.description).joined(separator: "; ")
        throw TestTimeout(
            description:
                "\(what) did not come\(isClosed ? ": the connection has ended" : ""); events so far: \(heard.isEmpty ? "none" : heard)")
    }

    // MARK: The wire

    private func write(_ message: OutgoingMessage) async {
        var bytes = ByteBuffer()
        for packet in message.packets { Self.frame(packet, into: &bytes) }
        await writeBytes(bytes)
        await server.settle()
    }

    private static func frame(_ packet: EnginePacket, into bytes: inout ByteBuffer) {
        var payload = packet.payload
        if !packet.isBinary {
            payload = ByteBuffer()
            packet.writeText(into: &payload)
        }
        WebSocketFrameEncoder.write(packet.isBinary ? .binary : .text, payload: payload, mask: 0x5eed_5eed, into: &bytes)
    }

    private func writeBytes(_ bytes: ByteBuffer) async {
        guard !isClosed else { return }
        do {
            _ = try await channel.writeInbound(bytes)
        } catch {
            state.withLockedValue { $0.isClosed = true }
        }
    }

    var channelID: ObjectIdentifier { ObjectIdentifier(channel) }

    /// Takes what the server has sent.
    func pump() async {
        while let bytes = try? await channel.readOutbound(as: ByteBuffer.self) {
            let replies = state.withLockedValue { receive(bytes, &$0) }
            if replies.readableBytes > 0 { await writeBytes(replies) }
        }
        if !channel.isActive { state.withLockedValue { $0.isClosed = true } }
    }

    /// - Returns: what the client says to that at once: pongs and acks.
    private func receive(_ bytes: ByteBuffer, _ state: inout State) -> ByteBuffer {
        var replies = ByteBuffer()
        state.frames.append(bytes)
        while let message = try? state.frames.next() {
            switch message {
            case .text(let text):
                guard let packet = try? EnginePacket(text: text) else { continue }
                if packet.type == .ping, state.answersPings { Self.frame(EnginePacket(.pong), into: &replies) }
                if packet.type == .message { take(try? state.packets.decodeText(packet.payload), &state, &replies) }
            case .binary(let bytes):
                take(try? state.packets.decodeBinary(bytes), &state, &replies)
            case .close:
                state.isClosed = true
            case .ping, .pong:
                break
            }
        }
        return replies
    }

    private func take(_ packet: SocketPacket?, _ state: inout State, _ replies: inout ByteBuffer) {
        guard let packet else { return }
        let payload = packet.payload.flatMap { try? JSONValue(parsing: $0) }
        switch packet.kind {
        case .connect:
            state.ids[packet.namespace] = payload?["sid"]?.stringValue
            state.left.remove(packet.namespace)
        case .connectError:
            state.refusals[packet.namespace] = ConnectRefused(message: payload?["message"]?.stringValue ?? "", data: payload?["data"])
        case .disconnect:
            state.left.insert(packet.namespace)
        case .ack, .binaryAck:
            if let id = packet.ackID { state.acks[id] = packet.arguments }
        case .event, .binaryEvent:
            let name = packet.eventName ?? ""
            guard let id = packet.ackID, let answer = state.responders[name].flatMap({ try? $0(packet.arguments) }) else {
                state.events.append(Event(namespace: packet.namespace, name: name, arguments: packet.arguments, ackID: packet.ackID))
                return
            }
            for packet in SocketPacketEncoder.encodeAck(namespace: packet.namespace, ackID: id, arguments: answer).packets {
                Self.frame(packet, into: &replies)
            }
        }
    }
}
