import NIOCore
import SocketIO
import SocketIOClient
import SocketIOWire
import Testing

@testable import struct SocketIOClient.Reconnection

/// The client comes back by itself if it was told to (sections 4.3 to 4.5 of the behaviour notes).
@Suite("A client with reconnection")
struct ReconnectionTests {
    private static var quick: Reconnection {
        var reconnection = Reconnection()
        reconnection.delay = .milliseconds(5)
        reconnection.delayMax = .milliseconds(20)
        return reconnection
    }

    @Test("waits twice as long before each attempt, up to a limit, and chance moves the delay")
    func delays() {
        var reconnection = Reconnection()
        let middle = (1...5).map { reconnection.delay(beforeAttempt: $0, chance: 0) }
        #expect(middle == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)])
        #expect(reconnection.delay(beforeAttempt: 1, chance: 1) == .milliseconds(1500))
        #expect(reconnection.delay(beforeAttempt: 1, chance: -1) == .milliseconds(500))
        #expect(reconnection.delay(beforeAttempt: 1000, chance: 1) == .seconds(5))
        reconnection.randomizationFactor = 0
        #expect(reconnection.delay(beforeAttempt: 2, chance: 1) == .seconds(2))
    }

    @Test(
        "joins its namespaces again after the connection broke, asks for auth anew, and sends what was emitted meanwhile",
        arguments: Mode.allCases)
    func comesBack(mode: Mode) async throws {
        try await Party.run(mode) { io in
            for namespace in ["/", "/other"] {
                io.of(namespace).onConnection { socket in
                    socket.emit("auth", socket.handshake.auth)
                    socket.on("say") { (text: String) in socket.emit("said", text) }
                }
            }
        } _: { party in
            let relay = try await party.relay()
            let client = SocketIOClient(try mode.configuration(relay.url), reconnection: Self.quick)
            let asked = Collected<Int>()
            let auths = Collected<Int>()
            let said = Collected<String>()
            let gone = Collected<String>()
            let events = Collected<String>()
            client.onReconnection { events.append("\($0)") }
            let root = client.socket("/")
            let other = client.socket("/other")
            root.on("auth") { (auth: [String: Int]) in auths.append(auth["n"] ?? -1) }
            root.onDisconnect { (reason: ClientSocket.DisconnectReason) in gone.append("\(reason.rawValue)") }
            other.on("said") { (text: String) in said.append(text) }
            root.connect {
                asked.append(0)
                return ["n": .integer(Int64(asked.values.count))]
            }
            other.connect()
            try await auths.wait(count: 1)
            try await other.waitUntilConnected()
            let id = root.id
            relay.cut()
            try await gone.wait(count: 1)
            #expect(root.isActive)
            other.emit("say", "meanwhile")
            try await said.wait(count: 1)
            try await auths.wait(count: 2)
            #expect(said.values == ["meanwhile"] && auths.values == [1, 2])
            #expect(root.id != id && root.isConnected && !root.isRecovered)
            #expect(events.values.first == "attempt(1)" && events.values.contains { $0.hasPrefix("reconnected") })
            await client.closeAndWait()
            try await relay.stop()
        }
    }

    @Test("gets its session and the missed events back from a server that recovers")
    func recovers() async throws {
        let serve: (SocketIOServer) -> Void = { io in
            io.onConnection { socket in socket.on("tell all") { (number: Int) in io.emit("told", number) } }
        }
        try await Party.run(.webSocket, serve: serve, options: { $0.connectionStateRecovery = ConnectionStateRecovery() }) { party in
            let relay = try await party.relay()
            let client = SocketIOClient(try Mode.webSocket.configuration(relay.url), reconnection: Self.quick)
            let told = Collected<Int>()
            let gone = Collected<Int>()
            let socket = client.socket()
            socket.on("told") { (number: Int) in told.append(number) }
            socket.onDisconnect { (_: ClientSocket.DisconnectReason) in gone.append(1) }
            socket.connect()
            try await socket.waitUntilConnected()
            socket.emit("tell all", 1)
            try await told.wait(count: 1)
            let id = socket.id
            let witness = try await party.connected()
            let witnessed = Collected<Int>()
            witness.on("told") { (number: Int) in witnessed.append(number) }
            relay.cut()
            witness.emit("tell all", 2)
            try await witnessed.wait(count: 1)
            try await told.wait(count: 2)
            #expect(told.values == [1, 2] && gone.values == [1])
            #expect(socket.isRecovered && socket.id == id)
            await client.closeAndWait()
            try await relay.stop()
        }
    }

    @Test("gives up after its attempts, and can be told to connect again")
    func givesUp() async throws {
        let server = try await ScriptedServer.start { _ in .close }
        var reconnection = Self.quick
        reconnection.attempts = 2
        var configuration = try EngineClient.Configuration(url: server.url)
        configuration.transports = [.polling]
        let client = SocketIOClient(configuration, reconnection: reconnection)
        let events = Collected<String>()
        client.onReconnection { event in
            switch event {
            case .attempt(let number): events.append("attempt \(number)")
            case .error: events.append("error")
            case .failed: events.append("failed")
            case .reconnected: events.append("reconnected")
            }
        }
        let errors = Collected<String>()
        let socket = client.socket()
        socket.onConnectError { errors.append($0.message) }
        socket.connect()
        try await events.wait(count: 5)
        #expect(events.values == ["attempt 1", "error", "attempt 2", "error", "failed"])
        #expect(errors.values.count == 3 && !socket.isActive)
        socket.connect()
        try await errors.wait(count: 4)
        socket.disconnect()
        try await server.stop()
    }

    @Test("does not come back after a goodbye of either side")
    func goodbyes() async throws {
        try await Party.run(.webSocket) { io in
            io.onConnection { socket in socket.on("kick") { socket.disconnect() } }
        } _: { party in
            let client = SocketIOClient(try Mode.webSocket.configuration(party.url), reconnection: Self.quick)
            let events = Collected<String>()
            let gone = Collected<String>()
            client.onReconnection { events.append("\($0)") }
            let socket = client.socket()
            socket.onDisconnect { (reason: ClientSocket.DisconnectReason) in gone.append(reason.rawValue) }
            socket.connect()
            try await socket.waitUntilConnected()
            socket.emit("kick")
            try await gone.wait(count: 1)
            #expect(!socket.isActive)
            socket.connect()
            try await socket.waitUntilConnected()
            client.close()
            try await gone.wait(count: 2)
            #expect(gone.values == ["io server disconnect", "forced close"])
            #expect(!socket.isActive && events.values.isEmpty)
        }
    }
}
