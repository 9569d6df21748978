import SocketIO
import Testing

@Suite struct TapTests {
    @Test("A socket's life is recorded in wire order, effects after causes")
    func life() async throws {
        let tap = RecordingTap()
        try await withServer {
            $0.tap = tap
        } _: { io, port in
            let gone = Mailbox<Void>()
            io.onConnection { socket in
                socket.on("join") { (room: String) -> Bool in
                    socket.join(room)
                    socket.emit("joined", room)
                    return true
                }
                socket.onDisconnect { _ in gone.put(()) }
            }
            let (client, id) = try await RawClient.join(port: port, auth: "{\"a\":1}")
            client.send("420[\"join\",\"r\"]")
            _ = try await client.text()
            _ = try await client.text()
            client.send("41")
            try await gone.next()
            #expect(
                tap.lines.filter { $0 != "opened" && !$0.hasPrefix("closed") } == [
                    "in connect {\"a\":1}", "connected /", "join own", "out connect {\"sid\":\"\(id)\"}",
                    "in event#0 [\"join\",\"r\"]", "join r", "out event [\"joined\",\"r\"]", "out ack#0 [true]",
                    "in disconnect ", "leave own", "leave r", "disconnected client namespace disconnect",
                ])
            let numbers = tap.events.compactMap { event -> UInt64? in
                if case .packet(let packet) = event.kind { packet.socket } else { nil }
            }
            #expect(Set(numbers).count == 1)
        }
    }

    @Test("A refused CONNECT and its answer carry the number reserved for the socket")
    func refused() async throws {
        let tap = RecordingTap()
        try await withServer {
            $0.tap = tap
        } _: { io, port in
            io.use { socket in
                socket.join("r")
                throw ConnectError("no")
            }
            let client = try await RawClient.open(port: port)
            client.send("40")
            #expect(try await client.text() == "44{\"message\":\"no\"}")
            #expect(tap.lines.filter { $0 != "opened" } == ["in connect ", "out connectError {\"message\":\"no\"}"])
            let numbers = tap.events.compactMap { event -> UInt64? in
                if case .packet(let packet) = event.kind { packet.socket } else { nil }
            }
            #expect(numbers.count == 2)
            #expect(Set(numbers).count == 1)
        }
    }

    @Test("A mark stands where the app set it; room changes carry their cause")
    func marks() async throws {
        let tap = RecordingTap()
        try await withServer {
            $0.tap = tap
        } _: { io, port in
            let gone = Mailbox<Void>()
            io.onConnection { socket in
                socket.on("checkout") { (room: String) -> Bool in
                    io.mark("checkout begins")
                    socket.join(room)
                    return true
                }
                socket.onDisconnect { _ in gone.put(()) }
            }
            let (client, _) = try await RawClient.join(port: port)
            client.send("420[\"checkout\",\"r\"]")
            _ = try await client.text()
            client.send("41")
            try await gone.next()
            #expect(tap.lines.contains("mark checkout begins"))
            let index = try #require(tap.lines.firstIndex(of: "mark checkout begins"))
            #expect(tap.lines[index + 1] == "join r")
            let causes = tap.events.compactMap { event -> String? in
                if case .roomChange(let change) = event.kind { "\(change.action) \(change.cause)" } else { nil }
            }
            #expect(causes == ["join connect", "join app", "leave disconnect", "leave disconnect"])
        }
    }

    @Test("A connection is recorded from its opening to its close, around its sockets")
    func connection() async throws {
        let tap = RecordingTap()
        let sid = try await withServer {
            $0.tap = tap
        } _: { io, port in
            let gone = Mailbox<Void>()
            io.onConnection { socket in socket.onDisconnect { _ in gone.put(()) } }
            let client = try await RawClient.open(port: port, query: "&a=b")
            _ = try await client.join()
            client.drop()
            try await gone.next()
            return client.sid
        }
        #expect(tap.lines.first == "opened")
        #expect(tap.lines.last?.hasPrefix("closed transport") == true)
        guard case .connectionOpened(let connection)? = tap.events.first?.kind else {
            Issue.record("the first event is another one")
            return
        }
        #expect(connection.sid == sid)
        #expect(connection.transport == "websocket")
        #expect(connection.url == "/socket.io/?EIO=4&transport=websocket&a=b")
        #expect(connection.headers.contains { $0.name.lowercased() == "host" })
        let times = tap.events.map(\.at)
        #expect(times == times.sorted())
    }
}
