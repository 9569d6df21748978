import NIOCore
import SocketIO
import SocketIOClient
import SocketIOWire
import Testing

/// The same conversation in the old protocol, and in the MessagePack form.
@Suite("A client and a server")
struct RevisionTests {
    enum Form: String, CaseIterable, Sendable { case engineIO3, messagePack }

    static let cases = Form.allCases.flatMap { form in Mode.allCases.map { (form, $0) } }

    @Test("speak Engine.IO 3, or MessagePack, over each transport", arguments: cases)
    func conversation(form: Form, mode: Mode) async throws {
        try await Party.run(
            mode,
            serve: { io in
                for namespace in [io.sockets, io.of("/chat")] {
                    namespace.onConnection { socket in
                        socket.on("swap") { (bytes: [UInt8]) in [UInt8](bytes.reversed()) }
                        socket.on("who") { [socket.id, socket.handshake.auth["token"]?.stringValue ?? "none"] }
                        socket.on("say") { (text: String) in socket.emit("said", text, [UInt8]([7])) }
                    }
                }
            },
            options: {
                $0.engine.allowEIO3 = true
                if form == .messagePack { $0.parser = MessagePackParser() }
            },
            configure: {
                if form == .engineIO3 { $0.protocolVersion = 3 } else { $0.parser = MessagePackParser() }
            }
        ) { party in
            let root = try await party.connected()
            let chat = try await party.connected("/chat", auth: ["token": "a b&c"])
            let swapped: [UInt8] = try await root.emitWithAck("swap", [UInt8]([1, 2, 3]))
            #expect(swapped == [3, 2, 1])
            let who: [String] = try await chat.emitWithAck("who")
            #expect(who == [chat.id ?? "", "a b&c"])
            if form == .engineIO3 { #expect(chat.id == "/chat#\(party.client.handshake?.sid ?? "")") }
            let said = Collected<String>()
            chat.on("said") { (text: String, bytes: [UInt8]) in said.append("\(text) \(bytes)") }
            for index in 0..<50 { chat.emit("say", "grüße 😀 \(index)") }
            try await said.wait(count: 50)
            #expect(said.values == (0..<50).map { "grüße 😀 \($0) [7]" })
            #expect(party.errors.values.isEmpty)
        }
    }

    /// Sees the client's pings.
    private struct PingTap: Tap {
        let pings = Collected<String>()

        func record(_ event: TapEvent) {
            if case .enginePacket(_, .incoming, let type, _, _) = event.kind, type == "ping" { pings.append(type) }
        }
    }

    @Test("of Engine.IO 3 keep each other alive by the client's pings")
    func heartbeat() async throws {
        let tap = PingTap()
        try await Party.run(
            .webSocket, serve: { io in io.onConnection { socket in socket.on("echo") { (text: String) in text } } },
            options: {
                $0.engine.allowEIO3 = true
                $0.engine.pingInterval = .milliseconds(20)
                $0.tap = tap
            }, configure: { $0.protocolVersion = 3 }
        ) { party in
            let socket = try await party.connected()
            try await tap.pings.wait(count: 5)
            let echo: String = try await socket.emitWithAck("echo", "still here")
            #expect(echo == "still here")
        }
    }
}
