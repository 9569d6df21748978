import NIOConcurrencyHelpers
import SocketIO
import Testing

@Suite struct DisconnectTests {
    @Test("An event just after the server's disconnect is ignored; other namespaces stay (trap 46)")
    func lateEvent() async throws {
        try await withServer { io, port in
            let custom = io.of("/custom")
            let client = try await RawClient.open(port: port)
            _ = try await client.join()
            let id = try await client.join("/custom")
            custom.socket(id)?.disconnect()
            #expect(try await client.text() == "41/custom,")
            client.send("42/custom,[\"late\"]")
            #expect(try await client.settle() == [])
            _ = try await client.join("/custom")
        }
    }

    @Test("An event for a namespace that was never joined closes the connection (J13)")
    func neverJoined() async throws {
        try await withServer { io, port in
            _ = io.of("/custom")
            let reasons = Mailbox<String>()
            io.onConnection { socket in
                socket.onDisconnect { reason, detail in reasons.put("\(reason): \(detail ?? "")") }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send("42/custom,[\"x\"]")
            #expect(try await client.next() == .closed)
            #expect(
                try await reasons.next() == "forced server close: event packet for namespace \"/custom\", which the client has not joined")
        }
    }

    @Test("An event and a disconnect in one go are both delivered, in order (trap 47)")
    func eventThenDisconnect() async throws {
        try await withServer { io, port in
            let seen = Mailbox<String>()
            io.onConnection { socket in
                socket.on("bye") { (text: String) in seen.put(text) }
                socket.onDisconnect { reason in seen.put(reason.rawValue) }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send(batch: ["42[\"bye\",\"last words\"]", "41"])
            #expect(try await seen.next() == "last words")
            #expect(try await seen.next() == "client namespace disconnect")
        }
    }

    @Test("disconnecting still has the rooms, disconnect has none (trap 48)")
    func rooms() async throws {
        try await withServer { io, port in
            let seen = Mailbox<[String]>()
            io.onConnection { socket in
                socket.join("r")
                socket.onDisconnecting { [unowned socket] _ in
                    seen.put(["\(socket.isConnected)"] + socket.rooms.filter { $0 != socket.id }.sorted())
                }
                socket.onDisconnect { [unowned socket] _ in seen.put(["\(socket.isConnected)"] + socket.rooms.sorted()) }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.drop()
            #expect(try await seen.next() == ["true", "r"])
            #expect(try await seen.next() == ["false"])
        }
    }

    @Test("Nobody joins a room after the disconnect (trap 49)")
    func ghost() async throws {
        try await withServer { io, port in
            let gone = Mailbox<Socket>()
            io.onConnection { socket in socket.onDisconnect { _ in gone.put(socket) } }
            let (client, _) = try await RawClient.join(port: port)
            client.send("41")
            let socket = try await gone.next()
            socket.join("r")
            #expect(socket.rooms.isEmpty)
            #expect(try await io.inRoom("r").fetchSockets().isEmpty)
        }
    }

    @Test("disconnect(closeConnection: true) says goodbye in each namespace, then closes (E6, trap 51)")
    func closeConnection() async throws {
        try await withServer { io, port in
            let reasons = Mailbox<String>()
            for namespace in [io.sockets, io.of("/custom")] {
                namespace.onConnection { socket in socket.onDisconnect { reasons.put("\(namespace.name) \($0)") } }
            }
            let client = try await RawClient.open(port: port)
            let id = try await client.join()
            _ = try await client.join("/custom")
            io.sockets.socket(id)?.emit("bye")
            io.sockets.socket(id)?.disconnect(closeConnection: true)
            #expect(try await client.text() == "42[\"bye\"]")
            #expect(try await client.text() == "41")
            #expect(try await client.text() == "41/custom,")
            #expect(try await client.next() == .closed)
            #expect(try await reasons.next() == "/ server namespace disconnect")
            #expect(try await reasons.next() == "/custom server namespace disconnect")
        }
    }

    @Test("disconnect() leaves the connection to other namespaces (E7)")
    func keepConnection() async throws {
        try await withServer { io, port in
            let (client, id) = try await RawClient.join(port: port)
            io.sockets.socket(id)?.disconnect()
            #expect(try await client.text() == "41")
            let again = try await client.join()
            #expect(again != id)
        }
    }

    @Test("A packet that is none closes the connection with a reason one can read (E9)")
    func invalidPacket() async throws {
        try await withServer { io, port in
            let reasons = Mailbox<(DisconnectReason, String?)>()
            io.onConnection { socket in socket.onDisconnect { reason, detail in reasons.put((reason, detail)) } }
            let (client, _) = try await RawClient.join(port: port)
            client.send("42{\"not\":\"an array\"}")
            #expect(try await client.next() == .closed)
            let (reason, detail) = try await reasons.next()
            #expect(reason == .forcedClose)
            #expect(detail?.hasPrefix("invalid packet: ") == true)
        }
    }

    @Test("A client that uses a reserved event name is closed, the server goes on (trap 55)")
    func reservedFromClient() async throws {
        try await withServer { _, port in
            let (client, _) = try await RawClient.join(port: port)
            client.send("42[\"disconnecting\"]")
            #expect(try await client.next() == .closed)
            _ = try await RawClient.join(port: port)
        }
    }

    @Test("A dropped connection is a transport close or error")
    func dropped() async throws {
        try await withServer { io, port in
            let reasons = Mailbox<DisconnectReason>()
            io.onConnection { socket in socket.onDisconnect { reasons.put($0) } }
            let (client, _) = try await RawClient.join(port: port)
            client.drop()
            #expect([.transportClose, .transportError].contains(try await reasons.next()))
        }
    }

    @Test("shutdown() disconnects every socket with `server shutting down` (E8)")
    func shutdown() async throws {
        try await withServer { io, port in
            let reasons = Mailbox<DisconnectReason>()
            io.onConnection { socket in socket.onDisconnect { reasons.put($0) } }
            let (client, _) = try await RawClient.join(port: port)
            await io.shutdown()
            #expect(try await reasons.next() == .serverShuttingDown)
            #expect(try await client.next() == .closed)
        }
    }

    @Test("Nothing keeps a socket once it is gone, whatever its handlers hold")
    func letGo() async throws {
        try await withServer { io, port in
            let connected = Mailbox<WeakSocket>()
            io.onConnection { socket in
                socket.join("r")
                socket.on("e") { (text: String) in socket.emit("e", text) }
                socket.onDisconnect { _ in socket.leave("r") }
                connected.put(WeakSocket(socket))
            }
            let (client, _) = try await RawClient.join(port: port)
            let weak = try await connected.next()
            #expect(weak.isAlive)
            client.send("42[\"e\",\"x\"]")
            _ = try await client.text()
            client.drop()
            let deadline = ContinuousClock.now + .seconds(10)
            while weak.isAlive, ContinuousClock.now < deadline { await Task.yield() }
            #expect(!weak.isAlive)
        }
    }
}

/// Sendable: a weak reference is read atomically, and written only when this is made.
private final class WeakSocket: @unchecked Sendable {
    private weak var socket: Socket?
    var isAlive: Bool { socket != nil }

    init(_ socket: Socket) {
        self.socket = socket
    }
}
