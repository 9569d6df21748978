import SocketIO
import TestSupport
import Testing

/// Section 1.M and trap 61 of the behaviour notes.
@Suite("Connection state recovery")
struct RecoveryTests {
    private static func on(_ change: (inout ConnectionStateRecovery) -> Void = { _ in }) -> (inout SocketIOServer.Options) -> Void {
        var recovery = ConnectionStateRecovery()
        change(&recovery)
        return { $0.connectionStateRecovery = recovery }
    }

    /// The ids that a CONNECT was answered with.
    private func join(_ client: RawClient, _ payload: String = "") async throws -> (sid: String, pid: String) {
        client.send("40" + payload)
        return try ids(in: try await client.text())
    }

    private func ids(in text: String) throws -> (sid: String, pid: String) {
        guard let match = text.firstMatch(of: /^40\{"sid":"([^"]+)","pid":"([^"]+)"\}$/) else {
            throw RawClient.UnexpectedAnswer(answer: text)
        }
        return (String(match.1), String(match.2))
    }

    /// The offset at the end of an event.
    private func offset(of event: String) throws -> String {
        guard let match = event.firstMatch(of: /"([^"]+)"\]$/) else { throw RawClient.UnexpectedAnswer(answer: event) }
        return String(match.1)
    }

    @Test("A client that comes back gets what it missed, first, then its id, rooms and data (M1 to M3)")
    func comesBack() async throws {
        try await withServer(Self.on()) { io, port in
            io.onConnection { socket in
                if !socket.recovered {
                    socket.join("lobby")
                    socket.data["name"] = "ann"
                }
                socket.on("who") { () -> [String] in
                    ["\(socket.recovered)", socket.data["name"] ?? "", socket.rooms.sorted().joined(separator: ",")]
                }
            }
            let first = try await RawClient.open(port: port)
            let (sid, pid) = try await join(first)
            io.to("lobby").emit("news", 1)
            let last = try offset(of: try await first.text())
            first.drop()
            try await gone(io)
            io.to("lobby").emit("news", 2)
            io.to("elsewhere").emit("news", 3)
            io.except("lobby").emit("news", 4)
            io.emit("news", 5)
            io.to(sid).emit("news", 6)
            io.volatile.emit("news", 7)
            let second = try await RawClient.open(port: port)
            second.send(#"40{"pid":"\#(pid)","offset":"\#(last)"}"#)
            for number in [2, 5, 6] { #expect(try await second.text().hasPrefix(#"42["news",\#(number),""#)) }
            let again = try ids(in: try await second.text())
            #expect(again == (sid, pid))
            second.send(#"421["who"]"#)
            let rooms = ["lobby", sid].sorted().joined(separator: ",")
            #expect(try await second.text() == #"431[["true","ann","\#(rooms)"]]"#)
            io.to("lobby").emit("news", 8)
            #expect(try await second.text().hasPrefix(#"42["news",8,""#))
        }
    }

    @Test("A client that never got an event can come back too (issue 5538 of Socket.IO)")
    func withoutOffset() async throws {
        try await withServer(Self.on()) { io, port in
            let first = try await RawClient.open(port: port)
            let (sid, pid) = try await join(first)
            first.drop()
            try await gone(io)
            io.emit("news", 1)
            let second = try await RawClient.open(port: port)
            second.send(#"40{"pid":"\#(pid)"}"#)
            #expect(try await second.text().hasPrefix(#"42["news",1,""#))
            #expect(try ids(in: try await second.text()).sid == sid)
        }
    }

    @Test("Nobody comes back twice: a second client with the same secret is a new one")
    func onlyOnce() async throws {
        try await withServer(Self.on()) { io, port in
            let first = try await RawClient.open(port: port)
            let (sid, pid) = try await join(first)
            first.drop()
            try await gone(io)
            let second = try await RawClient.open(port: port)
            #expect(try await join(second, #"{"pid":"\#(pid)"}"#).sid == sid)
            let third = try await RawClient.open(port: port)
            #expect(try await join(third, #"{"pid":"\#(pid)"}"#).sid != sid)
        }
    }

    @Test("Who left on purpose, or was disconnected, does not come back (M4)", arguments: [true, false])
    func onPurpose(byClient: Bool) async throws {
        try await withServer(Self.on()) { io, port in
            let first = try await RawClient.open(port: port)
            let (sid, pid) = try await join(first)
            if byClient { first.send("41") } else { io.disconnectSockets() }
            try await gone(io)
            let second = try await RawClient.open(port: port)
            #expect(try await join(second, #"{"pid":"\#(pid)"}"#).sid != sid)
        }
    }

    @Test("After too long, with an offset nobody knows, or with events gone in between, a client is a new one")
    func tooLate() async throws {
        try await withServer(Self.on { $0.maxPackets = 2 }) { io, port in
            for (offset, count) in [("unheard-of", 0), (nil, 3)] as [(String?, Int)] {
                let first = try await RawClient.open(port: port)
                let (sid, pid) = try await join(first)
                first.drop()
                try await gone(io)
                for number in 0..<count { io.emit("news", number) }
                let second = try await RawClient.open(port: port)
                let payload = offset.map { #"{"pid":"\#(pid)","offset":"\#($0)"}"# } ?? #"{"pid":"\#(pid)"}"#
                #expect(try await join(second, payload).sid != sid)
                second.drop()
                try await gone(io)
            }
        }
        try await withServer(Self.on { $0.maxDisconnectionDuration = .zero }) { io, port in
            let first = try await RawClient.open(port: port)
            let (sid, pid) = try await join(first)
            first.drop()
            try await gone(io)
            let second = try await RawClient.open(port: port)
            #expect(try await join(second, #"{"pid":"\#(pid)"}"#).sid != sid)
        }
    }

    @Test("Middleware is passed by unless it is to check anew (trap 61)", arguments: [true, false])
    func middleware(skips: Bool) async throws {
        try await withServer(Self.on { $0.skipMiddlewares = skips }) { io, port in
            io.use { socket in if socket.recovered { throw ConnectError("expired") } }
            let first = try await RawClient.open(port: port)
            let (_, pid) = try await join(first)
            first.drop()
            try await gone(io)
            let second = try await RawClient.open(port: port)
            second.send(#"40{"pid":"\#(pid)"}"#)
            let answer = try await second.text()
            #expect(skips ? answer.contains(pid) : answer == #"44{"message":"expired"}"#)
        }
    }

    @Test("Only events that are neither volatile nor ask for an ack have an offset (M2), and the tap names it")
    func offsets() async throws {
        let tap = RecordingTap()
        try await withServer({
            Self.on()(&$0)
            $0.tap = tap
        }) { io, port in
            io.onConnection { socket in
                socket.emit("plain", 1)
                socket.volatile.emit("volatile", 2)
                socket.emit("asking", 3) { (_: Result<Int, AckError>) in }
                socket.emit("bytes", [UInt8]([1]))
            }
            let client = try await RawClient.open(port: port)
            _ = try await join(client)
            let plain = try await client.text()
            #expect(plain.hasPrefix(#"42["plain",1,""#))
            // The volatile one found the CONNECT still on its way, and was dropped.
            #expect(try await client.text() == #"420["asking",3]"#)
            #expect(try await client.text().hasPrefix(#"451-["bytes",{"_placeholder":true,"num":0},""#))
            let recorded = tap.events.compactMap { event -> String? in
                if case .packet(let packet) = event.kind, packet.eventName == "plain" { packet.offset } else { nil }
            }
            #expect(try recorded == [offset(of: plain)])
        }
    }

    @Test("Events from many threads come in the order of their offsets")
    func order() async throws {
        try await withServer(Self.on()) { io, port in
            let client = try await RawClient.open(port: port)
            _ = try await join(client)
            await withTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask { for number in 0..<100 { io.emit("news", worker * 100 + number) } }
                }
            }
            var last: UInt64 = 0
            for _ in 0..<400 {
                let text = try await client.text()
                let number = try #require(UInt64(try offset(of: text).dropFirst(6), radix: 36))
                #expect(number > last)
                last = number
            }
        }
    }

    private func gone(_ io: SocketIOServer) async throws {
        try await eventually("everybody has gone") { io.sockets.count == 0 }
    }
}
