import NIOCore
import SocketIO
import Testing

@Suite struct EventTests {
    @Test("Handlers take arguments by type, from none to several")
    func typed() async throws {
        try await withServer { io, port in
            let seen = Mailbox<String>()
            io.onConnection { socket in
                socket.on("none") { seen.put("none") }
                socket.on("two") { (name: String, age: Int) in seen.put("\(name) \(age)") }
                socket.on("optional") { (name: String, age: Int?) in seen.put("\(name) \(age.map(String.init) ?? "-")") }
                socket.on("object") { (object: [String: String]) in seen.put(object["a"] ?? "") }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send("42[\"none\"]")
            client.send("42[\"two\",\"tobi\",3]")
            client.send("42[\"optional\",\"tobi\"]")
            client.send("42[\"object\",{\"a\":\"b\"}]")
            #expect(try await seen.next() == "none")
            #expect(try await seen.next() == "tobi 3")
            #expect(try await seen.next() == "tobi -")
            #expect(try await seen.next() == "b")
        }
    }

    @Test("The returned value is the ack; handlers that wait answer too")
    func returnValue() async throws {
        try await withServer { io, port in
            let gate = Mailbox<Void>()
            io.onConnection { socket in
                socket.on("ferret") { (name: String) in "woot \(name)" }
                socket.on("slow") { () async throws -> Int in
                    try await gate.next()
                    return 42
                }
                socket.on("explicit") { (name: String, ack: Ack<String, Int>) in
                    ack(name, 1)
                    ack(name, 2)
                }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send(batch: ["420[\"slow\"]", "421[\"ferret\",\"tobi\"]", "422[\"explicit\",\"x\"]", "42[\"explicit\",\"no ack\"]"])
            #expect(try await client.text() == "431[\"woot tobi\"]")
            #expect(try await client.text() == "432[\"x\",1]")
            gate.put(())
            #expect(try await client.text() == "430[42]")
        }
    }

    @Test("An optional ack tells whether the client wants an answer")
    func optionalAck() async throws {
        try await withServer { io, port in
            io.onConnection { socket in
                socket.on("e") { (n: Int, ack: Ack<Int>?) in
                    if let ack { ack(n) } else { socket.emit("e", n) }
                }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send(batch: ["420[\"e\",1]", "42[\"e\",2]"])
            #expect(try await client.text() == "430[1]")
            #expect(try await client.text() == "42[\"e\",2]")
        }
    }

    @Test("Asynchronous handlers start in arrival order, before the next packet")
    func asyncOrder() async throws {
        try await withServer { io, port in
            let seen = Mailbox<Int>()
            io.onConnection { socket in
                socket.on("n") { (n: Int) async in
                    seen.put(n)
                    await Task.yield()
                }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send(batch: (0..<50).map { "42[\"n\",\($0)]" })
            for n in 0..<50 { #expect(try await seen.next() == n) }
        }
    }

    @Test("A wrong argument is an error of that event only, and can be answered")
    func wrongArgument() async throws {
        try await withServer { io, port in
            let errors = Mailbox<any Error>()
            io.onError { error, context in
                #expect(context.event == "join")
                errors.put(error)
            }
            io.onInvalidArguments { _, _, ack in ack?(["error": "wrong"]) }
            io.onConnection { socket in socket.on("join") { (room: String) in socket.join(room) } }
            let (client, _) = try await RawClient.join(port: port)
            client.send("420[\"join\",7]")
            #expect(try await client.text() == "430[{\"error\":\"wrong\"}]")
            client.send("42[\"join\"]")
            #expect(try await client.settle() == [])
            guard case SocketIOError.argument("join", 0, _) = try await errors.next() else {
                Issue.record("another error was reported")
                return
            }
        }
    }

    @Test("What a handler throws reaches onError and nothing else")
    func throwing() async throws {
        struct Oops: Error {}
        try await withServer { io, port in
            let errors = Mailbox<any Error>()
            io.onError { error, _ in errors.put(error) }
            io.onConnection { socket in
                socket.on("sync") { throw Oops() }
                socket.on("async") { () async throws -> Int in throw Oops() }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send("42[\"sync\"]")
            client.send("421[\"async\"]")
            #expect(try await errors.next() is Oops)
            #expect(try await errors.next() is Oops)
            #expect(try await client.settle() == [])
        }
    }

    @Test("Binary goes both ways, wherever it stands")
    func binary() async throws {
        try await withServer { io, port in
            io.onConnection { socket in
                socket.on("bytes") { (bytes: ByteBuffer) in
                    #expect(Array(buffer: bytes) == [1, 2, 3])
                    socket.emit("back", ["data": bytes])
                }
                socket.onRaw("echo") { arguments, ack in ack?(arguments) }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send("451-[\"bytes\",{\"_placeholder\":true,\"num\":0}]")
            client.send(binary: [1, 2, 3])
            #expect(try await client.text() == "451-[\"back\",{\"data\":{\"_placeholder\":true,\"num\":0}}]")
            #expect(try await client.next() == .binary([1, 2, 3]))
            client.send("451-7[\"echo\",{\"_placeholder\":true,\"num\":0}]")
            client.send(binary: [9])
            #expect(try await client.text() == "461-7[{\"_placeholder\":true,\"num\":0}]")
            #expect(try await client.next() == .binary([9]))
        }
    }

    @Test("Reserved names and values that cannot be encoded are not sent but reported (trap 55)")
    func reserved() async throws {
        struct Unencodable: Encodable, Sendable {
            func encode(to encoder: any Encoder) throws {
                throw EncodingError.invalidValue(0, .init(codingPath: [], debugDescription: "no"))
            }
        }
        try await withServer { io, port in
            let errors = Mailbox<String>()
            io.onError { error, _ in errors.put("\(error)") }
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            socket.emit("connect")
            io.emit("disconnect", 1)
            socket.emit("x", Unencodable())
            #expect(try await errors.next() == "\"connect\" is a reserved event name; choose another one")
            #expect(try await errors.next() == "\"disconnect\" is a reserved event name; choose another one")
            #expect(try await errors.next().hasPrefix("event \"x\" was not sent"))
            #expect(try await client.settle() == [])
        }
    }

    @Test("Catch-all handlers see every event first; outgoing ones see events and broadcasts, not acks")
    func catchAll() async throws {
        try await withServer { io, port in
            let seen = Mailbox<String>()
            io.onConnection { socket in
                socket.on("known") { (n: Int) -> Int in
                    seen.put("known \(n)")
                    return n
                }
                socket.onAny { seen.put("any \($0.name) \($0.arguments.count)") }
                socket.onAnyOutgoing { seen.put("out \($0.name) \($0.wantsAck)") }
            }
            let (client, id) = try await RawClient.join(port: port)
            client.send("425[\"known\",1]")
            #expect(try await client.text() == "435[1]")
            client.send("42[\"unknown\",1,2]")
            #expect(try await client.settle() == [])
            io.emit("all")
            io.sockets.socket(id)?.emit("one")
            #expect(try await client.text() == "42[\"all\"]")
            #expect(try await client.text() == "42[\"one\"]")
            #expect(seen.pending == ["any known 1", "known 1", "any unknown 2", "any settle 0", "out all false", "out one false"])
        }
    }

    @Test("A packet check drops the event it throws on")
    func packetCheck() async throws {
        try await withServer { io, port in
            let errors = Mailbox<any Error>()
            io.onError { error, _ in errors.put(error) }
            io.onConnection { socket in
                socket.use { event in
                    if event.name == "forbidden" { throw ConnectError("no") }
                }
                socket.on("allowed") { 1 }
                socket.on("forbidden") { 2 }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send(batch: ["420[\"forbidden\"]", "421[\"allowed\"]"])
            #expect(try await client.text() == "431[1]")
            #expect("\(try await errors.next())" == "no")
        }
    }

    @Test("A cancelled subscription hears nothing any more; handlers of the namespace serve all sockets")
    func subscription() async throws {
        try await withServer { io, port in
            let seen = Mailbox<String>()
            io.sockets.on("e") { (socket: Socket, n: Int) in seen.put("namespace \(n)") }
            io.onConnection { socket in
                let subscription = socket.on("e") { (n: Int) in seen.put("socket \(n)") }
                socket.on("stop") { subscription.cancel() }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send(batch: ["42[\"e\",1]", "42[\"stop\"]", "42[\"e\",2]"])
            #expect(try await client.settle() == [])
            #expect(seen.pending == ["socket 1", "namespace 1", "namespace 2"])
        }
    }

    @Test("A handler registered once hears one event")
    func once() async throws {
        try await withServer { io, port in
            let seen = Mailbox<Int>()
            io.onConnection { socket in socket.once("e") { (n: Int) in seen.put(n) } }
            let (client, _) = try await RawClient.join(port: port)
            client.send(batch: ["42[\"e\",1]", "42[\"e\",2]"])
            #expect(try await client.settle() == [])
            #expect(seen.pending == [1])
        }
    }

    @Test("A described event has its types on both ends")
    func described() async throws {
        let chat = Event<String, Int>("chat")
        try await withServer { io, port in
            io.onConnection { socket in
                socket.on(chat) { text, room in
                    socket.emit(chat, text + "!", room + 1)
                    io.emit(chat, text, room)
                }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send("42[\"chat\",\"hi\",1]")
            #expect(try await client.text() == "42[\"chat\",\"hi!\",2]")
            #expect(try await client.text() == "42[\"chat\",\"hi\",1]")
        }
    }

    @Test("Data stays with its socket, by typed keys")
    func data() async throws {
        try await withServer { io, port in
            let (_, id) = try await RawClient.join(port: port)
            let (_, other) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            socket.data[.nickname] = "tobi"
            #expect(socket.data[.nickname] == "tobi")
            #expect(io.sockets.socket(other)?.data[.nickname] == nil)
            #expect(try await io.fetchSockets().compactMap { $0.data[.nickname] } == ["tobi"])
        }
    }

    @Test("The handshake tells auth, query, headers and address")
    func handshake() async throws {
        try await withServer { io, port in
            let client = try await RawClient.open(port: port, query: "&room=7")
            let id = try await client.join(auth: "{\"token\":\"t\",\"n\":1}")
            let handshake = try #require(io.sockets.socket(id)?.handshake)
            #expect(handshake.auth["token"] == "t")
            #expect(try handshake.auth(as: [String: JSONValue].self)["n"] == 1)
            #expect(handshake.query.contains { $0.name == "room" && $0.value == "7" })
            #expect(handshake.address == "127.0.0.1")
            #expect(!handshake.isSecure)
        }
    }
}
