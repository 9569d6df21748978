import SocketIO
import Testing

/// Rows H7 to H11 of the behaviour notes, and trap 53.
@Suite("A client of Socket.IO 2")
struct LegacyClientTests {
    private func run(_ configure: (SocketIOServer) -> Void = { _ in }, _ body: (RawClient, SocketIOServer, Int) async throws -> Void)
        async throws
    {
        try await withServer({ $0.engine.allowEIO3 = true }) { io, port in
            configure(io)
            try await body(try await RawClient.open(port: port, version: 3), io, port)
        }
    }

    @Test("is in the main namespace without asking, under its connection's id")
    func joinsByItself() async throws {
        try await run({ io in
            io.onConnection { socket in socket.on("who") { () -> [String] in [socket.id, "\(socket.connection.protocolVersion)"] } }
        }) { client, _, _ in
            try await client.expect("40")
            client.send(#"420["who"]"#)
            try await client.expect(#"430[["\#(client.sid)","3"]]"#)
        }
    }

    @Test("joins a namespace with a query, which is its auth, under a name and its connection's id")
    func namespaceQuery() async throws {
        try await run({ io in
            io.of("/chat").onConnection { socket in
                let token = socket.handshake.auth["token"]?.stringValue ?? "none"
                socket.on("who") { () -> [String] in [socket.id, token] }
            }
        }) { client, _, _ in
            try await client.expect("40")
            client.send("40/chat?token=a%20b&x=1,")
            try await client.expect("40/chat,")
            client.send(#"42/chat,1["who"]"#)
            try await client.expect(#"43/chat,1[["/chat#\#(client.sid)","a b"]]"#)
        }
    }

    @Test("that a middleware refuses gets the message alone, or the data", arguments: [true, false])
    func refused(withData: Bool) async throws {
        try await run({ io in
            io.use { _ in throw withData ? ConnectError("no", data: ["code": 401]) : ConnectError("no") }
        }) { client, _, _ in
            let answer = try await client.text()
            #expect(answer == (withData ? #"44{"code":401}"# : #"44"no""#))
        }
    }

    @Test("hears of an unknown namespace as an object")
    func unknownNamespace() async throws {
        try await run { client, _, _ in
            try await client.expect("40")
            client.send("40/nope,")
            try await client.expect(#"44/nope,{"message":"Invalid namespace"}"#)
        }
    }

    @Test("gets broadcasts beside newer clients, bytes in its own form")
    func broadcast() async throws {
        try await run { client, io, port in
            try await client.expect("40")
            let (newer, _) = try await RawClient.join(port: port)
            io.emit("picture", [UInt8]([1, 2]))
            for (reader, bytes) in [(client, [4, 1, 2]), (newer, [1, 2])] as [(RawClient, [UInt8])] {
                #expect(try await reader.text() == #"451-["picture",{"_placeholder":true,"num":0}]"#)
                #expect(try await reader.next() == .binary(bytes))
            }
        }
    }

    @Test("is kept out unless it is allowed")
    func keptOut() async throws {
        try await withServer { _, port -> Void in
            let refusal = await #expect(throws: (any Error).self) { _ = try await RawClient.open(port: port, version: 3) }
            #expect(refusal != nil)
        }
    }
}
