import Logging
import NIOConcurrencyHelpers
import SocketIO
import TestSupport
import Testing

/// Rows L6 to L10 of the behaviour notes, over servers that share a bus.
@Suite("A cluster")
struct ClusterTests {
    /// Two servers with a client each.
    private struct Pair {
        let first: SocketIOServer
        let second: SocketIOServer
        let ann: RawClient
        let bob: RawClient
        let annID: String
        let bobID: String
    }

    private func withPair(
        _ configure: (SocketIOServer) -> Void = { _ in }, _ body: (Pair) async throws -> Void
    ) async throws {
        let bus = LocalBus()
        try await withServer({ $0.adapter = ClusterAdapter(bus: bus) }) { first, firstPort in
            try await withServer({ $0.adapter = ClusterAdapter(bus: bus) }) { second, secondPort in
                for io in [first, second] {
                    io.onConnection { socket in
                        socket.data["name"] = "\(socket.handshake.auth["name"]?.stringValue ?? "")"
                        socket.join("all")
                    }
                    configure(io)
                }
                try await eventually("the servers know each other") {
                    first.options.adapter.serverCount == 2 && second.options.adapter.serverCount == 2
                }
                let (ann, annID) = try await RawClient.join(port: firstPort, auth: #"{"name":"ann"}"#)
                let (bob, bobID) = try await RawClient.join(port: secondPort, auth: #"{"name":"bob"}"#)
                try await body(Pair(first: first, second: second, ann: ann, bob: bob, annID: annID, bobID: bobID))
            }
        }
    }

    @Test("broadcasts to all servers, by room, without the sender, with bytes; local stays at home (L6)")
    func broadcast() async throws {
        try await withPair { pair in
            pair.first.to("all").emit("news", 1, [UInt8]([7]))
            for client in [pair.ann, pair.bob] {
                try await client.expect(#"451-["news",1,{"_placeholder":true,"num":0}]"#)
                try await client.expect(binary: [7])
            }
            pair.first.local.emit("here")
            pair.first.except(pair.annID).emit("others")
            try await pair.ann.expect(#"42["here"]"#)
            try await pair.bob.expect(#"42["others"]"#)
            pair.second.to(pair.annID).emit("private")
            try await pair.ann.expect(#"42["private"]"#)
        }
    }

    @Test("gathers acks from all servers, one per client")
    func acks() async throws {
        try await withPair { pair in
            async let result = pair.first.timeout(.seconds(20)).emitWithAck("ready?", as: Bool.self)
            for (client, answer) in [(pair.ann, "true"), (pair.bob, "false")] {
                let question = try await client.text()
                let id = try #require(question.firstMatch(of: /^42(\d+)\[/)?.1)
                client.send("43\(id)[\(answer)]")
            }
            let answers = await result.answers
            #expect(answers == [pair.annID: true, pair.bobID: false])
        }
    }

    @Test("fetches sockets of all servers, with their data, rooms and handshake, and acts on them (L8, L9)")
    func fetchSockets() async throws {
        try await withPair { pair in
            try await eventually("both are in the room") { try await pair.first.to("all").fetchSockets().count == 2 }
            let sockets = try await pair.first.fetchSockets()
            let bob = try #require(sockets.first { $0.id == pair.bobID })
            #expect(bob.data["name"] == "bob" && bob.rooms == ["all", pair.bobID] && bob.handshake.auth["name"] == "bob")
            bob.join("vip")
            try await eventually("bob has joined") { pair.second.sockets.socket(pair.bobID)?.rooms.contains("vip") == true }
            pair.first.to("vip").emit("welcome")
            try await pair.bob.expect(#"42["welcome"]"#)
            bob.disconnect()
            #expect(try await pair.bob.text() == "41")
        }
    }

    @Test("emits between servers, with answers; names that do not answer (L10)")
    func serverSide() async throws {
        let heard = NIOLockedValueBox<[String]>([])
        try await withPair({ io in
            io.onServerSide("hello") { (name: String) in heard.withLockedValue { $0.append(name) } }
            io.onServerSide("sum") { (a: Int, b: Int) in a + b }
        }) { pair in
            pair.first.serverSideEmit("hello", "world")
            try await eventually("the other server has heard it") { heard.withLockedValue { $0 } == ["world"] }
            let sums = await pair.first.serverSideEmitWithAck("sum", 1, 2, as: Int.self)
            #expect(Array(sums.answers.values) == [3] && sums.missing.isEmpty)
            let nothing = await pair.first.serverSideEmitWithAck("nobody hears this", as: Int.self)
            #expect(nothing.answers.isEmpty && nothing.missing.isEmpty)
        }
    }

    @Test("says who did not answer, with what the others said")
    func missing() async throws {
        let bus = LocalBus()
        let silent = ClusterAdapter(bus: bus)
        silent.start { _ in
            try? await Task.sleep(for: .seconds(3600))
            return nil
        }
        try await withServer({
            $0.adapter = ClusterAdapter(bus: bus)
            $0.clusterTimeout = .milliseconds(50)
        }) { io, port in
            try await eventually("the servers know each other") { io.options.adapter.serverCount == 2 }
            let (client, id) = try await RawClient.join(port: port)
            let error = await #expect(throws: ClusterError.self) { try await io.fetchSockets() }
            guard case .incomplete(let sockets, let missing) = error else { return }
            #expect(sockets.map(\.id) == [id] && missing == [silent.serverID])
            client.drop()
        }
    }

    @Test("of one server says that nobody hears a server-side event, and goes on")
    func alone() async throws {
        try await withServer { io, _ in
            io.serverSideEmit("hello")
            let result = await io.serverSideEmitWithAck("hello", as: Int.self)
            #expect(result.answers.isEmpty)
        }
    }
}
