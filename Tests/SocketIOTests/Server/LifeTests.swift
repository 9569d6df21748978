import Logging
import MetricsTestKit
import NIOConcurrencyHelpers
import NIOCore
import SocketIO
import SocketIOTestKit
import TestSupport
import Testing

/// Trap 62 of the behaviour notes, and what operators look at.
@Suite("A server's life")
struct LifeTests {
    @Test("Shutdown tells the clients, lets them receive it, and spreads the ends; new handshakes are refused")
    func shutdown() async throws {
        try await withServer { io, port in
            let (ann, _) = try await RawClient.join(port: port)
            let (bob, _) = try await RawClient.join(port: port, namespace: "/")
            let reasons = NIOLockedValueBox<[String]>([])
            for socket in io.sockets.sockets.values {
                socket.onDisconnect { reason in reasons.withLockedValue { $0.append(reason.rawValue) } }
            }
            await io.shutdown(Shutdown(notice: .init("going away", "soon"), drain: .seconds(5), jitter: .milliseconds(50)))
            for client in [ann, bob] {
                try await client.expect(#"42["going away","soon"]"#)
                // No goodbye in the protocol: clients are to come back (row E8).
                #expect(try await client.next() == .closed)
            }
            #expect(reasons.withLockedValue { $0 } == ["server shutting down", "server shutting down"])
        }
    }

    @Test("Counters for swift-metrics: connections, sockets, packets, bytes, acks, drops, disconnects, refusals")
    func metrics() async throws {
        let metrics = TestMetrics()
        var options = SocketIOServer.Options()
        options.engine.metricsFactory = metrics
        let server = TestServer(options)
        server.io.of("/closed").use { _ in throw ConnectError("no") }
        server.io.onConnection { socket in
            socket.on("ask") { () async throws -> Int in try await socket.emitWithAck("question") }
            // What was just sent is still on its way.
            socket.on("twice") { () in
                socket.emit("first")
                socket.volatile.emit("second")
            }
        }
        let ann = try await server.connect()
        ann.respond(to: "question") { _ in JSONArguments([1]) }
        let _: Int = try await ann.emitWithAck("ask")
        try await ann.emit("twice")
        await #expect(throws: ConnectRefused.self) { try await ann.join("/closed") }
        await server.advance(by: .seconds(3))
        #expect(try metrics.expectMeter("socketio_connections", [("transport", "websocket")]).lastValue == 1)
        #expect(try metrics.expectMeter("socketio_sockets", [("namespace", "/")]).lastValue == 1)
        #expect(try metrics.expectCounter("socketio_connect_refused_total").totalValue == 1)
        #expect(try metrics.expectCounter("socketio_events_total", [("direction", "in")]).totalValue == 2)
        #expect(try metrics.expectCounter("socketio_events_total", [("direction", "out")]).totalValue == 2)
        #expect(try metrics.expectCounter("socketio_volatile_dropped_total").totalValue == 1)
        #expect(try metrics.expectTimer("socketio_ack_latency_seconds").values.count == 1)
        #expect(try metrics.expectCounter("socketio_bytes_total", [("direction", "in")]).totalValue > 50)
        await ann.drop()
        await server.advance(by: .seconds(2))
        #expect(try metrics.expectMeter("socketio_sockets", [("namespace", "/")]).lastValue == 0)
        #expect(try metrics.expectCounter("socketio_disconnects_total", [("reason", "transport close")]).totalValue == 1)
        #expect(try metrics.expectMeter("socketio_connections", [("transport", "websocket")]).lastValue == 0)
        await server.shutdown()
    }

    @Test("A log line of a socket tells which socket, namespace, connection, transport and address it is")
    func logging() async throws {
        let server = TestServer()
        let metadata = NIOLockedValueBox<Logger.Metadata>([:])
        server.io.of("/chat").onConnection { socket in
            let logger = socket.logger
            metadata.withLockedValue { found in
                for key in ["socket", "namespace", "connection", "transport", "address"] { found[key] = logger[metadataKey: key] }
            }
        }
        let ann = try await server.connect("/chat")
        let found = metadata.withLockedValue { $0 }
        #expect(found["socket"] == "\(ann.id(in: "/chat") ?? "")" && found["namespace"] == "/chat" && found["transport"] == "websocket")
        #expect(found["connection"] != nil && found["address"] == "127.0.0.1")
        await server.shutdown()
    }

    @Test("Events can be read as a sequence, which ends with the socket; what nobody reads in time is reported, not lost silently")
    func sequences() async throws {
        let server = TestServer()
        let errors = NIOLockedValueBox<[String]>([])
        server.io.onError { error, _ in errors.withLockedValue { $0.append("\(error)") } }
        let sockets = server.io.sockets.connections()
        let ann = try await server.connect()
        var arrivals = sockets.makeAsyncIterator()
        let socket = try #require(await arrivals.next())
        #expect(socket.id == ann.id)
        let chat = socket.events("chat", as: String.self, Int.self, limit: 2)
        await server.settle()
        for number in 1...3 { try await ann.emit("chat", "hello", number) }
        #expect(errors.withLockedValue { $0.count } == 1)
        await ann.drop()
        var heard: [Int] = []
        for await (text, number) in chat {
            #expect(text == "hello")
            heard.append(number)
        }
        #expect(heard == [1, 2])
        await server.shutdown()
        #expect(await arrivals.next() == nil)
    }

    @Test("Catch-all handlers see events in both directions, and acks, in the order in which they were put (J10, J11)")
    func catchAll() async throws {
        let server = TestServer()
        let seen = NIOLockedValueBox<[String]>([])
        let note = { @Sendable (text: String) in seen.withLockedValue { $0.append(text) } }
        server.io.onConnection { socket in
            socket.onAny { event in note("in \(event.name)") }
            socket.prependAny { event in note("first \(event.name)") }
            socket.onAnyOutgoing { event in note("out \(event.name)") }
            socket.onAnyAck { ack in note("ack \(ack.direction.rawValue) \(ack.arguments.values())") }
            socket.on("ask") { () async throws -> Int in try await socket.emitWithAck("question") }
            socket.on("quiet") { socket.offAny() }
        }
        let ann = try await server.connect()
        ann.respond(to: "question") { _ in JSONArguments([7]) }
        let _: Int = try await ann.emitWithAck("ask")
        #expect(seen.withLockedValue { $0 } == ["first ask", "in ask", "out question", "ack in [7]", "ack out [7]"])
        try await ann.emit("quiet")
        seen.withLockedValue { $0 = [] }
        try await ann.emit("anything")
        #expect(seen.withLockedValue { $0 }.isEmpty)
        await server.shutdown()
    }

    @Test("drained() returns when all has left, and when there is nobody any more")
    func drained() async throws {
        try await withServer { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            socket.emit("large", String(repeating: "x", count: 1_000_000))
            await socket.drained()
            #expect(socket.connection.bufferedBytes == 0)
            client.drop()
            try await eventually("the client has gone") { !socket.isConnected }
            await socket.drained()
        }
    }

    @Test("Cycles of connecting, joining, emitting and leaving leave nothing behind")
    func cycles() async throws {
        let cycles = TestPlaces.number("TAPEDECK_CYCLES") ?? 300
        let options = SocketIOServer.Options()
        let server = TestServer(options)
        let family = server.io.of(matching: /^\/room-/)
        // Those of this server: other tests have sockets too.
        let alive = NIOLockedValueBox<[Weak]>([])
        family.onConnection { socket in alive.withLockedValue { $0.append(Weak(socket: socket)) } }
        server.io.onConnection { socket in
            alive.withLockedValue { $0.append(Weak(socket: socket)) }
            socket.join(["a", socket.id + "!"])
            socket.on("echo") { (text: String) in socket.emit("echo", text) }
        }
        for number in 0..<cycles {
            let client = try await server.connect()
            try await client.emit("echo", "x")
            if number.isMultiple(of: 10) { try await client.join("/room-\(number)") }
            if number.isMultiple(of: 2) { await client.drop() } else { await client.disconnect() }
            await client.drop()
            server.forget(client)
        }
        #expect(server.io.sockets.count == 0 && server.io.engine.connectionCount == 0 && family.children.isEmpty)
        await server.advance(by: .seconds(60))
        #expect(alive.withLockedValue { $0.count } >= cycles)
        try await eventually("no socket lives") { alive.withLockedValue { $0.allSatisfy { $0.socket == nil } } }
        await server.shutdown()
    }

    private struct Weak: Sendable {
        weak var socket: Socket?
    }

    @Test("A room under churn has neither lost nor ghost members")
    func churn() async throws {
        let count = TestPlaces.number("TAPEDECK_CHURN") ?? 90
        let server = TestServer()
        server.io.onConnection { socket in socket.join("room") }
        var clients: [TestClient] = []
        for _ in 0..<count { clients.append(try await server.connect()) }
        var gone: Set<Int> = []
        for index in stride(from: 0, to: count, by: 3) {
            gone.insert(index)
            switch index % 9 {
            case 0: await clients[index].drop()
            case 3: await clients[index].disconnect()
            default: server.io.sockets.socket(clients[index].id ?? "")?.leave("room")
            }
        }
        server.io.to("room").emit("roll call")
        await server.settle()
        for (index, client) in clients.enumerated() {
            #expect(client.events.filter { $0.name == "roll call" }.count == (gone.contains(index) ? 0 : 1))
        }
        await server.shutdown()
    }
}
