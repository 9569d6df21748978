import SocketIO
import Testing

@Suite struct PollingTests {
    /// Joins `/` over polling.
    func join(port: Int) async throws -> (client: RawPoll, id: SocketID) {
        let client = try await RawPoll.open(port: port)
        try await client.post("40")
        let answer = try await client.poll()
        guard let id = answer.firstMatch(of: /^40{"sid":"([^"]*)"}$/)?.1 else { throw RawClient.UnexpectedAnswer(answer: answer) }
        return (client, String(id))
    }

    @Test("Between two polls a volatile event is dropped, another one waits (trap 59)")
    func volatile() async throws {
        let tap = RecordingTap()
        try await withServer {
            $0.tap = tap
        } _: { io, port in
            let (client, id) = try await join(port: port)
            let socket = try #require(io.sockets.socket(id))
            socket.volatile.emit("dropped")
            io.volatile.emit("dropped too")
            socket.emit("kept")
            #expect(try await client.poll() == "42[\"kept\"]")
            #expect(tap.lines.filter { $0.hasPrefix("dropped") } == ["dropped dropped", "dropped dropped too"])
        }
    }

    @Test("The last event before a disconnect is not lost (trap 51)")
    func lastEvent() async throws {
        try await withServer { io, port in
            let (client, id) = try await join(port: port)
            let socket = try #require(io.sockets.socket(id))
            socket.emit("bye")
            socket.disconnect(closeConnection: true)
            #expect(try await client.poll().hasPrefix("42[\"bye\"]\u{1e}41"))
        }
    }

    @Test("Binary goes as base64, header and attachments together")
    func binary() async throws {
        try await withServer { io, port in
            io.onConnection { socket in socket.onRaw("echo") { arguments, ack in ack?(arguments) } }
            let (client, _) = try await join(port: port)
            try await client.post("451-7[\"echo\",{\"_placeholder\":true,\"num\":0}]", "bAQID")
            #expect(try await client.poll() == "461-7[{\"_placeholder\":true,\"num\":0}]\u{1e}bAQID")
        }
    }

    @Test("Events in one POST are all delivered, those before a bad packet too (traps 20 and 47)")
    func batch() async throws {
        try await withServer { io, port in
            let seen = Mailbox<String>()
            io.onConnection { socket in
                socket.on("e") { (n: Int) in seen.put("\(n)") }
                socket.onDisconnect { seen.put($0.rawValue) }
            }
            let (client, _) = try await join(port: port)
            try await client.post("42[\"e\",1]", "42[\"e\",2]", "zzz")
            #expect(try await seen.next() == "1")
            #expect(try await seen.next() == "2")
            #expect(try await seen.next() == "parse error")
        }
    }
}
