import Dispatch
import NIOCore
import NIOPosix
import SocketIO
import Testing

@Suite struct BroadcastTests {
    /// Clients that have joined, each with what it got since.
    func join(_ count: Int, port: Int) async throws -> [(client: RawClient, id: SocketID)] {
        var joined: [(client: RawClient, id: SocketID)] = []
        for _ in 0..<count { joined.append(try await RawClient.join(port: port)) }
        return joined
    }

    func received(_ clients: [(client: RawClient, id: SocketID)]) async throws -> [[RawClient.Message]] {
        var all: [[RawClient.Message]] = []
        for (client, _) in clients { all.append(try await client.settle()) }
        return all
    }

    @Test("Rooms make a union without duplicates, except takes away")
    func unions() async throws {
        try await withServer { io, port in
            let clients = try await join(4, port: port)
            let sockets = try clients.map { try #require(io.sockets.socket($0.id)) }
            sockets[0].join(["r", "s"])
            sockets[1].join("r")
            sockets[2].join("s")
            io.to("r").to("s").except("nobody").emit("1")
            io.to(["r", "s"]).except(sockets[1].id).emit("2")
            sockets[0].to("r").emit("3")
            sockets[3].broadcast.emit("4")
            io.except("s").emit("5")
            io.to(sockets[3].id).emit("6")
            let names = try await received(clients).map { messages in
                messages.map { message in if case .text(let text) = message { String(text.dropFirst(4).dropLast(2)) } else { "?" } }
                    .joined()
            }
            #expect(names == ["124", "1345", "124", "56"])
        }
    }

    @Test("A room is left as surely as it is joined")
    func leaving() async throws {
        try await withServer { io, port in
            let clients = try await join(2, port: port)
            let sockets = try clients.map { try #require(io.sockets.socket($0.id)) }
            io.socketsJoin("r")
            #expect(sockets[0].rooms == [clients[0].id, "r"])
            io.to(clients[0].id).socketsLeave("r")
            #expect(sockets[0].rooms == [clients[0].id])
            #expect(try await io.inRoom("r").fetchSockets().map(\.id) == [clients[1].id])
            io.inRoom("r").disconnectSockets()
            #expect(try await clients[1].client.text() == "41")
            #expect(io.sockets.count == 1)
        }
    }

    @Test("Rooms per socket are bounded; its own does not count")
    func roomLimit() async throws {
        try await withServer {
            $0.limits.roomsPerSocket = 2
        } _: { io, port in
            let errors = Mailbox<String>()
            io.onError { error, _ in errors.put("\(error)") }
            let (_, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            socket.join(["a", "b", "c"])
            #expect(socket.rooms == [id, "a", "b"])
            #expect(try await errors.next().hasPrefix("room \"c\" was not joined"))
            socket.leave("a")
            socket.join("c")
            #expect(socket.rooms == [id, "b", "c"])
        }
    }

    @Test("One sender's packets arrive in the order of its calls, broadcast or not, from any thread")
    func order() async throws {
        try await withServer { io, port in
            let clients = try await join(6, port: port)
            let sockets = try clients.map { try #require(io.sockets.socket($0.id)) }
            for socket in sockets { socket.join("r") }
            // From a thread of its own.
            let thread = Task.detached {
                for n in 0..<300 {
                    if n % 2 == 0 { io.to("r").emit("n", n) } else { for socket in sockets { socket.emit("n", n) } }
                }
            }
            await thread.value
            // From the loop of one of them.
            sockets[0].eventLoop.execute {
                for n in 300..<600 {
                    if n % 2 == 0 { io.to("r").emit("n", n) } else { for socket in sockets { socket.emit("n", n) } }
                }
            }
            for (client, _) in clients {
                var received: [String] = []
                for _ in 0..<600 { received.append(try await client.text()) }
                #expect(received == (0..<600).map { "42[\"n\",\($0)]" })
            }
        }
    }

    @Test("A loop does not overtake what another thread has queued for it before")
    func noOvertaking() async throws {
        try await withServer { io, port in
            let (client, id) = try await RawClient.join(port: port)
            let socket = try #require(io.sockets.socket(id))
            // The loop is busy while this thread emits, and then emits itself before the queue is drained.
            let isBusy = Mailbox<Void>()
            let go = ThreadGate()
            socket.eventLoop.execute {
                isBusy.put(())
                go.wait()
                socket.emit("second")
            }
            try await isBusy.next()
            socket.emit("first")
            go.open()
            #expect(try await client.text() == "42[\"first\"]")
            #expect(try await client.text() == "42[\"second\"]")
        }
    }

    @Test("A broadcast is recorded once, with its receivers per event loop (trap 60)")
    func recorded() async throws {
        let tap = RecordingTap()
        try await withServer {
            $0.tap = tap
        } _: { io, port in
            let clients = try await join(5, port: port)
            io.emit("all", "x")
            for (client, _) in clients { #expect(try await client.text() == "42[\"all\",\"x\"]") }
            let broadcasts = tap.events.compactMap { event in
                if case .broadcast(let broadcast) = event.kind { broadcast } else { nil }
            }
            let deliveries = tap.events.compactMap { event -> [TapRecipient]? in
                if case .delivery(let number, let recipients) = event.kind, number == broadcasts.first?.number { recipients } else { nil }
            }
            #expect(broadcasts.count == 1)
            #expect(broadcasts.first.flatMap { $0.payload.map { String(buffer: $0) } } == "[\"all\",\"x\"]")
            #expect(deliveries.joined().count == 5)
            #expect(Set(deliveries.joined()).count == 5)
        }
    }
}

/// Holds up a thread on purpose: a test's way to make an event loop busy.
final class ThreadGate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    func wait() { semaphore.wait() }
    func open() { semaphore.signal() }
}
