import NIOConcurrencyHelpers
import SocketIO
import Testing

@Suite struct ConnectTests {
    @Test("The socket id is not the engine's secret id, and another one per namespace (trap 42)")
    func socketID() async throws {
        try await withServer { io, port in
            _ = io.of("/custom")
            let client = try await RawClient.open(port: port)
            let id = try await client.join()
            let other = try await client.join("/custom")
            #expect(id.count == 20)
            #expect(id != client.sid)
            #expect(id != other)
            #expect(io.sockets.socket(id) != nil)
            #expect(io.of("custom").socket(other)?.namespace.name == "/custom")
        }
    }

    @Test("An event emitted in a middleware goes out before the CONNECT reply (trap 43)")
    func emitInMiddleware() async throws {
        try await withServer { io, port in
            io.use { socket in socket.emit("early") }
            io.onConnection { socket in socket.emit("late") }
            let client = try await RawClient.open(port: port)
            client.send("40")
            #expect(try await client.text() == "42[\"early\"]")
            #expect(try await client.text().hasPrefix("40{"))
            #expect(try await client.text() == "42[\"late\"]")
        }
    }

    @Test("Events sent before the CONNECT reply wait for the middleware, in order (trap 44)")
    func hastyEvents() async throws {
        try await withServer { io, port in
            let gate = Mailbox<Void>()
            io.use { _ in try await gate.next() }
            io.onConnection { socket in
                socket.onRaw("echo") { arguments, ack in ack?(arguments) }
            }
            let client = try await RawClient.open(port: port)
            client.send(batch: ["40", "420[\"echo\",\"a\"]", "421[\"echo\",\"b\"]"])
            gate.put(())
            #expect(try await client.text().hasPrefix("40{"))
            #expect(try await client.text() == "430[\"a\"]")
            #expect(try await client.text() == "431[\"b\"]")
        }
    }

    @Test("Too many hasty events close the connection, and the app hears why")
    func hastyEventsBounded() async throws {
        try await withServer {
            $0.limits.waitingPacketsPerNamespace = 3
        } _: { io, port in
            let gate = Mailbox<Void>()
            let errors = Mailbox<any Error>()
            io.use { _ in try await gate.next() }
            io.onError { error, _ in errors.put(error) }
            let client = try await RawClient.open(port: port)
            client.send(batch: ["40"] + Array(repeating: "42[\"x\"]", count: 4))
            #expect(try await client.next() == .closed)
            guard case SocketIOError.tooManyWaitingPackets(_, 3) = try await errors.next() else {
                Issue.record("another error was reported")
                return
            }
            gate.put(())
        }
    }

    @Test("A second CONNECT while the middleware runs makes no second socket (trap 45)")
    func doubleConnect() async throws {
        try await withServer { io, port in
            let gate = Mailbox<Void>()
            let connected = Mailbox<SocketID>()
            io.use { _ in try await gate.next() }
            io.onConnection { connected.put($0.id) }
            let client = try await RawClient.open(port: port)
            client.send(batch: ["40", "40"])
            #expect(try await client.next() == .closed)
            gate.put(())
            gate.put(())
            #expect(io.sockets.count == 0)
            #expect(connected.pending.isEmpty)
        }
    }

    @Test("A refusal carries message and data; the connection stays (trap 53)")
    func refusal() async throws {
        try await withServer { io, port in
            let chat = io.of("/chat")
            chat.use { socket in
                guard socket.handshake.auth["token"] == "letmein" else { throw ConnectError("unauthorized", data: ["code": 401]) }
            }
            let client = try await RawClient.open(port: port)
            client.send("40/chat,{\"token\":\"wrong\"}")
            #expect(try await client.text() == "44/chat,{\"message\":\"unauthorized\",\"data\":{\"code\":401}}")
            #expect(chat.count == 0)
            _ = try await client.join("/chat", auth: "{\"token\":\"letmein\"}")
            #expect(chat.count == 1)
        }
    }

    @Test("What an unexpected error in a middleware says stays on the server")
    func unexpectedRefusal() async throws {
        struct Secret: Error {}
        try await withServer { io, port in
            let errors = Mailbox<any Error>()
            io.onError { error, _ in errors.put(error) }
            io.use { _ in throw Secret() }
            let client = try await RawClient.open(port: port)
            client.send("40")
            #expect(try await client.text() == "44{\"message\":\"internal error\"}")
            #expect(try await errors.next() is Secret)
        }
    }

    @Test("An unknown namespace is refused, and the connection stays open (trap 54)")
    func unknownNamespace() async throws {
        try await withServer { _, port in
            let client = try await RawClient.open(port: port)
            client.send("40/nope,")
            #expect(try await client.text() == "44/nope,{\"message\":\"Invalid namespace\"}")
            _ = try await client.join()
        }
    }

    @Test("disconnect() in a middleware does nothing (trap 52)")
    func disconnectInMiddleware() async throws {
        try await withServer { io, port in
            io.use { $0.disconnect() }
            let (_, id) = try await RawClient.join(port: port)
            #expect(io.sockets.socket(id)?.isConnected == true)
        }
    }

    @Test("A room joined in a middleware is there once the socket is connected")
    func joinInMiddleware() async throws {
        try await withServer { io, port in
            io.use { socket in
                socket.join("early")
                #expect(!socket.isConnected)
            }
            let (client, id) = try await RawClient.join(port: port)
            #expect(io.sockets.socket(id)?.rooms == [id, "early"])
            io.to("early").emit("hello")
            #expect(try await client.text() == "42[\"hello\"]")
        }
    }

    @Test("A connection that joins no namespace is closed after connectTimeout (A13)")
    func connectTimeout() async throws {
        try await withServer {
            $0.connectTimeout = .milliseconds(50)
        } _: { _, port in
            let client = try await RawClient.open(port: port)
            #expect(try await client.next() == .closed)
        }
    }

    @Test("A client cannot fill the server with namespaces")
    func tooManyNamespaces() async throws {
        try await withServer {
            $0.limits.namespacesPerConnection = 2
        } _: { io, port in
            for name in ["/a", "/b", "/c"] { _ = io.of(name) }
            let client = try await RawClient.open(port: port)
            _ = try await client.join("/a")
            _ = try await client.join("/b")
            client.send("40/c,")
            #expect(try await client.text() == "44/c,{\"message\":\"Too many namespaces\"}")
        }
    }
}
