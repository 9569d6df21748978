import NIOConcurrencyHelpers
import NIOCore
import SocketIOClient
import SocketIOWire
import Testing

@testable import Tapedeck

/// Live clients that act one after the other, each act followed by what it must bring.
final class ChatClients {
    private struct Inbox {
        var packets: [LanePacket] = []
        var isOpen = false
        var isUpgraded = false
        var isClosed = false
    }

    private let url: String
    private var clients: [LaneClient] = []
    private var inboxes: [NIOLockedValueBox<Inbox>] = []
    private var acks: UInt64 = 0

    init(url: String) { self.url = url }

    /// Opens a connection and joins `/`.
    func join(_ transports: [ClientTransport], auth: JSONValue? = nil) async throws -> Int {
        let client = try await open(transports)
        try await connect(client, "/", auth: auth)
        return client
    }

    /// Opens a connection.
    func open(_ transports: [ClientTransport]) async throws -> Int {
        var configuration = try EngineClient.Configuration(url: url)
        configuration.transports = transports
        configuration.upgrade = .manual
        let inbox = NIOLockedValueBox(Inbox())
        let client = LaneClient(configuration) { event in
            inbox.withLockedValue { inbox in
                switch event {
                case .opened: inbox.isOpen = true
                case .upgraded: inbox.isUpgraded = true
                case .packet(let packet): inbox.packets.append(packet)
                case .closed: inbox.isClosed = true
                }
            }
        }
        clients.append(client)
        inboxes.append(inbox)
        client.open()
        try await wait(for: "open") { inbox.withLockedValue { $0.isOpen } }
        return clients.count - 1
    }

    @discardableResult
    func connect(_ client: Int, _ namespace: String, auth: JSONValue? = nil) async throws -> LanePacket {
        clients[client].send(LanePacket(kind: .connect, namespace: namespace, arguments: auth.map { [$0] } ?? []))
        return try await receive(client) { $0.namespace == namespace && ($0.kind == .connect || $0.kind == .connectError) }
    }

    func upgrade(_ client: Int) async throws { try await clients[client].upgrade() }

    func send(_ client: Int, _ packet: LanePacket) { clients[client].send(packet) }

    func emit(_ client: Int, _ name: String, _ arguments: JSONValue..., in namespace: String = "/") {
        send(client, LanePacket(kind: .event(name: name, ackID: nil), namespace: namespace, arguments: arguments))
    }

    @discardableResult
    func ask(_ client: Int, _ name: String, _ arguments: JSONValue..., in namespace: String = "/") async throws -> [JSONValue] {
        acks += 1
        let id = acks
        send(client, LanePacket(kind: .event(name: name, ackID: id), namespace: namespace, arguments: arguments))
        return try await receive(client) { $0.kind == .ack(id) }.arguments
    }

    /// Waits for an event, and takes it away.
    @discardableResult
    func receive(_ client: Int, event: String) async throws -> LanePacket {
        try await receive(client) { if case .event(let name, _) = $0.kind { name == event } else { false } }
    }

    @discardableResult
    func receive(_ client: Int, where matches: @escaping (LanePacket) -> Bool) async throws -> LanePacket {
        var found: LanePacket?
        let inbox = inboxes[client]
        try await wait(for: "a packet to client \(client)") {
            found = inbox.withLockedValue { inbox in inbox.packets.firstIndex(where: matches).map { inbox.packets.remove(at: $0) } }
            return found != nil
        }
        return try #require(found)
    }

    func close(_ client: Int) async {
        clients[client].close()
        await clients[client].waitUntilEnded()
    }

    func abort(_ client: Int) async {
        clients[client].abort()
        await clients[client].waitUntilEnded()
    }

    private func wait(for what: String, until condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw Missing(what: what) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    struct Missing: Error { let what: String }
}
