import SocketIO
import SocketIOTestKit
import Testing

@Suite("The test kit")
struct TestKitTests {
    @Test("runs an app's handlers without ports: events, acks, rooms, middleware")
    func conversation() async throws {
        let server = TestServer()
        server.io.use { socket in
            guard socket.handshake.auth["token"] == "letmein" else { throw ConnectError("unauthorized", data: ["code": 401]) }
        }
        server.io.onConnection { socket in
            socket.on("ferret") { (name: String) async in "woot, \(name)" }
            socket.on("say") { (text: String, bytes: [UInt8]) in socket.broadcast.emit("said", text, bytes) }
        }
        let refusal = await #expect(throws: ConnectRefused.self) { try await server.connect() }
        #expect(refusal?.message == "unauthorized" && refusal?.data == ["code": 401])
        let ann = try await server.connect(auth: ["token": "letmein"])
        let bob = try await server.connect(auth: ["token": "letmein"])
        let answer: String = try await ann.emitWithAck("ferret", "tobi")
        #expect(answer == "woot, tobi")
        try await ann.emit("say", "hello", [UInt8]([1, 2]))
        let (text, bytes) = try await bob.next("said", as: String.self, [UInt8].self)
        #expect((text, bytes) == ("hello", [1, 2]))
        #expect(ann.events.isEmpty)
        await server.shutdown()
        #expect(ann.isClosed && bob.isClosed)
    }

    @Test("keeps clients alive over hours of virtual time, and lets one die that does not answer")
    func heartbeat() async throws {
        let server = TestServer()
        let ann = try await server.connect()
        let bob = try await server.connect()
        bob.stopAnsweringPings()
        await server.advance(by: .seconds(44))
        #expect(!bob.isClosed)
        await server.advance(by: .seconds(3))
        #expect(bob.isClosed)
        await server.advance(by: .seconds(3600))
        #expect(ann.isConnected())
        #expect(server.io.sockets.count == 1)
        await server.shutdown()
    }

    @Test("lets acks time out, and answers questions")
    func acks() async throws {
        let server = TestServer()
        server.io.onConnection { socket in
            socket.on("quiz") { () async throws -> String in
                do {
                    let answer: Int = try await socket.emitWithAck("question", timeout: .seconds(5))
                    return "\(answer)"
                } catch AckError.timedOut {
                    return "too late"
                }
            }
        }
        let ann = try await server.connect()
        ann.respond(to: "question") { _ in JSONArguments([42]) }
        let good: String = try await ann.emitWithAck("quiz")
        #expect(good == "42")
        let bob = try await server.connect()
        async let late: String = bob.emitWithAck("quiz")
        try await bob.hears("question")
        await server.advance(by: .seconds(6))
        #expect(try await late == "too late")
        await server.shutdown()
    }

    @Test("closes who joins no namespace in time (A13), without waiting for it")
    func connectTimeout() async throws {
        let server = TestServer()
        let idle = try await server.open()
        await server.advance(by: .seconds(44))
        #expect(!idle.isClosed)
        await server.advance(by: .seconds(2))
        #expect(idle.isClosed)
        await server.shutdown()
    }
}

extension TestClient {
    /// Waits for an event and leaves it there.
    fileprivate func hears(_ event: String) async throws {
        while !events.contains(where: { $0.name == event }) { try await Task.sleep(for: .milliseconds(1)) }
    }
}
