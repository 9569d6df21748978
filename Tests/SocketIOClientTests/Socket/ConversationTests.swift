import NIOCore
import SocketIO
import SocketIOClient
import SocketIOWire
import Testing

/// Client and server of our own, over each transport.
@Suite("A client and a server")
struct ConversationTests {
    static let modes = Mode.allCases

    @Test("exchange events in both directions, in order", arguments: modes)
    func events(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { socket in
                socket.on("say") { (text: String, number: Int) in socket.emit("said", text, number) }
                socket.emit("welcome")
            }
        } _: { party in
            let said = Collected<String>()
            let socket = party.client.socket()
            socket.on("said") { (text: String, number: Int) in said.append("\(text) \(number)") }
            let any = Collected<String>()
            socket.onAny { name, arguments in any.append("\(name) \(arguments.count)") }
            // Before it is connected: kept.
            socket.emit("say", "grüße", 0)
            socket.connect()
            for index in 1..<200 { socket.emit("say", "grüße", index) }
            try await said.wait(count: 200)
            #expect(said.values == (0..<200).map { "grüße \($0)" })
            #expect(any.values.first == "welcome 0")
            #expect(any.values.dropFirst().allSatisfy { $0 == "said 2" })
            if mode == .upgrade { try await party.upgraded() }
            #expect(party.client.transport == (mode == .polling ? .polling : .webSocket))
            #expect(party.errors.values.isEmpty)
        }
    }

    @Test("answer each other's events", arguments: modes)
    func acks(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { socket in
                socket.on("sum") { (numbers: [Int]) in numbers.reduce(0, +) }
                socket.on("quiz") { () async throws -> String in
                    let answer: Int = try await socket.emitWithAck("question", "6 * 7?")
                    return "you said \(answer)"
                }
            }
        } _: { party in
            let socket = try await party.connected()
            socket.on("question") { (question: String) async in question == "6 * 7?" ? 42 : 0 }
            let sum: Int = try await socket.emitWithAck("sum", [1, 2, 3])
            #expect(sum == 6)
            let quiz: String = try await socket.emitWithAck("quiz")
            #expect(quiz == "you said 42")
            await #expect(throws: ClientSocket.AckError.timedOut) {
                let _: Int = try await socket.emitWithAck("nobody listens", timeout: .milliseconds(50))
            }
            await #expect(throws: ClientSocket.AckError.notSent("event \"connect\" was not sent: \"connect\" is a reserved event name")) {
                let _: Int = try await socket.emitWithAck("connect")
            }
            do throws(ClientSocket.AckError) {
                let _: String = try await socket.emitWithAck("sum", [1])
                Issue.record("a number was taken for a string")
            } catch {
                guard case .unexpectedAnswer = error else { throw error }
            }
        }
    }

    @Test("send binary in both directions, in events and acks", arguments: modes)
    func binary(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { socket in
                socket.onRaw("mirror") { arguments, ack in
                    if let ack { ack(arguments) } else { socket.emit("mirrored", arguments: arguments) }
                }
            }
        } _: { party in
            let socket = try await party.connected()
            let mirrored = Collected<[[UInt8]]>()
            socket.on("mirrored") { (first: [UInt8], text: String, second: ByteBuffer) in
                mirrored.append([first, Array(text.utf8), Array(second.readableBytesView)])
            }
            let big = [UInt8](repeating: 0xAB, count: 200_000)
            for index in 0..<10 { socket.emit("mirror", [UInt8(index)], "between", ByteBuffer(bytes: big)) }
            try await mirrored.wait(count: 10)
            #expect(mirrored.values == (0..<10).map { [[UInt8($0)], Array("between".utf8), big] })
            let answer: [UInt8] = try await socket.emitWithAck("mirror", big)
            #expect(answer == big)
        }
    }

    @Test("speak in several namespaces over one connection", arguments: modes)
    func namespaces(mode: Mode) async throws {
        try await Party.run(mode) { io in
            for name in ["/", "/a", "/b"] { io.of(name).onConnection { socket in socket.on("where") { () in name } } }
        } _: { party in
            var ids: Set<String> = []
            for name in ["/", "/a", "/b"] {
                let socket = try await party.connected(name)
                let place: String = try await socket.emitWithAck("where")
                #expect(place == name)
                ids.insert(socket.id ?? "")
            }
            #expect(ids.count == 3)
            #expect(!ids.contains(party.client.handshake?.sid ?? ""))
            #expect(party.engine.values.filter { $0.hasPrefix("opened") }.count == 1)
        }
    }

    @Test("part over a refusal with its data, and the connection stays", arguments: modes)
    func refusal(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { socket in socket.on("still there") { () in true } }
            io.of("/private").use { socket in
                guard socket.handshake.auth["token"] == "letmein" else { throw ConnectError("unauthorized", data: ["code": 401]) }
            }
        } _: { party in
            let root = try await party.connected()
            let told = Collected<String>()
            let socket = party.client.socket("/private")
            socket.onConnectError { error in told.append("\(error) \(error.data ?? .null)") }
            socket.connect(auth: ["token": "wrong"])
            await #expect(throws: ClientSocket.ConnectError.self) { try await socket.waitUntilConnected() }
            #expect(told.values == [#"unauthorized {"code":401}"#])
            #expect(!socket.isConnected)
            let there: Bool = try await root.emitWithAck("still there")
            #expect(there)
            socket.connect(auth: ["token": "letmein"])
            try await socket.waitUntilConnected()
            let unknown = party.client.socket("/nowhere")
            unknown.connect()
            do throws(ClientSocket.ConnectError) {
                try await unknown.waitUntilConnected()
                Issue.record("an unknown namespace was joined")
            } catch {
                #expect(error.message == "Invalid namespace")
                #expect(error.cause == nil)
            }
        }
    }

    @Test("part when the client leaves", arguments: modes)
    func clientLeaves(mode: Mode) async throws {
        let heard = Collected<String>()
        try await Party.run(mode) { io in
            io.onConnection { socket in
                socket.on("bye") { () in heard.append("bye") }
                socket.onDisconnect { reason in heard.append("\(reason)") }
            }
        } _: { party in
            let socket = try await party.connected()
            let told = Collected<String>()
            socket.onDisconnect { reason in told.append("\(reason)") }
            let open = Task { () async throws -> Int in try await socket.emitWithAck("never answered", timeout: .seconds(1)) }
            socket.emit("bye")
            socket.disconnect()
            #expect(!socket.isConnected)
            try await told.wait(count: 1)
            #expect(told.values == ["io client disconnect"])
            try await heard.wait(count: 2)
            #expect(heard.values == ["bye", "client namespace disconnect"])
            // The last socket takes the connection with it.
            #expect(try await party.end() == "closed forced close")
            do {
                _ = try await open.value
            } catch {
                // Cut off before it was sent or while it waited: either way it ends.
                #expect([.disconnected, .timedOut].contains(error as? ClientSocket.AckError))
            }
        }
    }

    @Test("part when the server disconnects the socket, and may meet again", arguments: modes)
    func serverDisconnects(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { socket in
                socket.on("kick") { () in
                    socket.emit("last words")
                    socket.disconnect()
                }
            }
        } _: { party in
            let socket = party.client.socket()
            let told = Collected<String>()
            socket.onConnect { told.append("connected") }
            socket.on("last words") { () in told.append("last words") }
            socket.onDisconnect { reason in told.append("\(reason)") }
            for _ in 0..<2 {
                socket.connect()
                try await socket.waitUntilConnected()
                let count = told.values.count
                socket.emit("kick")
                try await told.wait(count: count + 2)
                _ = try await party.end()
            }
            #expect(told.values == ["connected", "last words", "io server disconnect", "connected", "last words", "io server disconnect"])
        }
    }

    @Test("carry a message that fills several POSTs", arguments: modes)
    func bigMessages(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { socket in socket.on("length") { (text: String) in text.utf8.count } }
        } options: { options in
            options.engine.maxHTTPBufferSize = 50_000
        } _: { party in
            let socket = try await party.connected()
            // Each fits in a POST of its own, all together do not.
            let lengths = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<20 {
                    group.addTask { try await socket.emitWithAck("length", String(repeating: "ä", count: 10_000 + index)) }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(lengths == Set((0..<20).map { 20_000 + 2 * $0 }))
        }
    }

    @Test("lose each other when the client vanishes", arguments: modes)
    func vanishing(mode: Mode) async throws {
        let heard = Collected<String>()
        try await Party.run(mode) { io in
            io.onConnection { socket in socket.onDisconnect { reason in heard.append("\(reason)") } }
        } _: { party in
            let socket = try await party.connected()
            if mode == .upgrade { try await party.upgraded() }
            let told = Collected<String>()
            socket.onDisconnect { reason in told.append("\(reason)") }
            party.client.abort()
            try await told.wait(count: 1)
            #expect(told.values == ["forced close"])
            try await heard.wait(count: 1)
            #expect(heard.values.first?.hasPrefix("transport") == true)
        }
    }

    @Test("lose each other when the server goes away", arguments: modes)
    func serverGone(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { _ in }
        } _: { party in
            let socket = try await party.connected()
            if mode == .upgrade { try await party.upgraded() }
            let told = Collected<String>()
            socket.onDisconnect { reason in told.append("\(reason)") }
            let answer = Task { () async throws -> Int in try await socket.emitWithAck("too late") }
            await party.io.shutdown()
            try await told.wait(count: 1)
            #expect(told.values.first?.hasPrefix("transport") == true)
            await #expect(throws: ClientSocket.AckError.disconnected) { try await answer.value }
            // Nobody listens any more.
            socket.connect()
            do throws(ClientSocket.ConnectError) {
                try await socket.waitUntilConnected()
                Issue.record("connected to a server that is gone")
            } catch {
                guard case .unreachable? = error.cause else { throw error }
            }
        }
    }

    @Test("understand a handshake that was refused", arguments: modes)
    func refusedHandshake(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.onConnection { _ in }
        } options: { options in
            options.engine.transports = mode == .webSocket ? [.polling] : [.webSocket]
        } _: { party in
            let socket = party.client.socket()
            socket.connect()
            do throws(ClientSocket.ConnectError) {
                try await socket.waitUntilConnected()
                Issue.record("connected over a transport that the server does not have")
            } catch {
                #expect(error.message.contains("the server answered 400"))
                #expect(error.message.contains("Transport unknown"))
                guard case .refused(status: 400, code: mode == .webSocket ? nil : 0, message: "Transport unknown")? = error.cause else {
                    throw error
                }
            }
        }
    }
}
