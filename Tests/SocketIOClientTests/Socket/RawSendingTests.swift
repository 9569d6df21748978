import NIOCore
import SocketIO
import SocketIOClient
import SocketIOWire
import Testing

/// What a replay needs: packets as they are, an upgrade when it wants it.
@Suite("Packets without sockets")
struct RawSendingTests {
    @Test("go to the server and come back in the order of the wire", arguments: Mode.allCases)
    func raw(mode: Mode) async throws {
        try await Party.run(mode) { io in
            io.of("/a").onConnection { socket in
                socket.onRaw("echo") { arguments, ack in ack?(arguments) }
                socket.on("ask") { () async throws in
                    let answer: String = try await socket.emitWithAck("question")
                    socket.emit("answer", answer)
                }
            }
        } _: { party in
            let client = party.client
            try await client.open()
            client.onPacket { [packets = party.packets] packet in
                packets.append("\(packet.kind) \(packet.namespace) \(packet.eventName ?? "-") \(packet.attachments.count)")
                if packet.eventName == "question", let id = packet.ackID {
                    client.sendAck(namespace: packet.namespace, ackID: id, arguments: JSONArguments(["because"]))
                }
            }
            client.sendConnect(namespace: "/a", auth: ["x": 1])
            try await party.packets.wait(count: 1)
            client.sendEvent(
                namespace: "/a", name: "echo", arguments: JSONArguments([["bytes": .binary(ByteBuffer(bytes: [1]))], 1]), ackID: 77)
            client.sendEvent(namespace: "/a", name: "ask", arguments: JSONArguments())
            try await party.packets.wait(count: 4)
            client.sendDisconnect(namespace: "/a")
            client.sendConnect(namespace: "/nowhere")
            try await party.packets.wait(count: 5)
            #expect(
                party.packets.values == [
                    "connect /a - 0", "binaryAck /a - 1", "event /a question 0", "event /a answer 0", "connectError /nowhere - 0",
                ])
        }
    }

    @Test("an upgrade happens when it is asked for, with messages before, during and after it in order")
    func manualUpgrade() async throws {
        let heard = Collected<Int>()
        try await Party.run(.upgrade) { io in
            io.onConnection { socket in
                socket.on("n") { (n: Int) in
                    heard.append(n)
                    socket.emit("n", n)
                }
            }
        } configure: { configuration in
            configuration.upgrade = .manual
        } _: { party in
            let socket = try await party.connected()
            let back = Collected<Int>()
            socket.on("n") { (n: Int) in back.append(n) }
            for n in 0..<20 { socket.emit("n", n) }
            try await back.wait(count: 20)
            #expect(party.client.transport == .polling)
            async let upgrade: Void = party.client.upgrade()
            for n in 20..<100 {
                socket.emit("n", n)
                await Task.yield()
            }
            try await upgrade
            #expect(party.client.transport == .webSocket)
            for n in 100..<120 { socket.emit("n", n) }
            try await back.wait(count: 120)
            #expect(heard.values == Array(0..<120))
            #expect(back.values == Array(0..<120))
            await #expect(throws: EngineClientError.upgradeFailed("the connection is on WebSocket already")) {
                try await party.client.upgrade()
            }
        }
    }

    @Test("many threads may send at once; each keeps its order")
    func threads() async throws {
        let heard = Collected<[Int]>()
        try await Party.run(.upgrade) { io in
            io.onConnection { socket in socket.on("n") { (thread: Int, n: Int) in heard.append([thread, n]) } }
        } _: { party in
            let socket = try await party.connected()
            await withTaskGroup { group in
                for thread in 0..<8 { group.addTask { for n in 0..<100 { socket.emit("n", thread, n) } } }
            }
            let all = try await heard.wait(count: 800)
            for thread in 0..<8 { #expect(all.filter { $0[0] == thread }.map { $0[1] } == Array(0..<100)) }
        }
    }
}
