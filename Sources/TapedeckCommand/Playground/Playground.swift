import SocketIO
import SocketIOWire

/// The app that `tapedeck serve` runs: every feature of Socket.IO can be tried with it, without writing a server.
///
/// The same events are answered on `/` and `/custom`, and on `/private` for who knows the token.
struct Playground: Sendable {
    private let tickets = TicketOffice()

    /// Registers the app with a server.
    func install(on io: SocketIOServer) {
        io.of("/private").use { socket in
            guard socket.handshake.auth["token"] == "letmein" else {
                throw ConnectError("unauthorized", data: ["code": 401])
            }
        }
        for namespace in [io.of("/"), io.of("/custom"), io.of("/private")] {
            addEchoes(to: namespace)
            addRooms(to: namespace)
            addMessages(to: namespace)
            addIdentity(to: namespace)
            addTickets(to: namespace)
            namespace.onConnection { socket in
                socket.emit("auth", JSONValue.object(socket.handshake.auth))
            }
        }
    }

    private func addEchoes(to namespace: Namespace) {
        namespace.onRaw("message") { socket, arguments, _ in
            socket.emit("message-back", arguments: arguments)
        }
        namespace.onRaw("message-with-ack") { socket, arguments, ack in
            ack?(arguments)
        }
        namespace.onRaw("echo") { socket, arguments, ack in
            if let ack { ack(arguments) } else { socket.emit("echo", arguments: arguments) }
        }
        namespace.onRaw("ask") { socket, arguments, _ in
            // Not awaited in the handler: the answer may take seconds, and other events go on meanwhile.
            socket.timeout(.seconds(5)).emit("question", arguments: arguments) { result in
                switch result {
                case .success(let answer): socket.emit("answer", arguments: answer)
                case .failure: socket.emit("unanswered")
                }
            }
        }
    }

    private func addRooms(to namespace: Namespace) {
        namespace.answer("join") { socket, arguments throws(Complaint) in
            socket.join(try arguments.text(0, "a room"))
            return [.strings(socket.joinedRooms)]
        }
        namespace.answer("leave") { socket, arguments throws(Complaint) in
            let room = try arguments.text(0, "a room")
            // A socket stays in the room of its own id, by which others reach it.
            if room != socket.id { socket.leave(room) }
            return [.strings(socket.joinedRooms)]
        }
        namespace.handle("cast") { socket, arguments throws(Complaint) in
            let room = try arguments.text(0, "a room")
            socket.namespace.to(room).emit("cast", arguments: arguments.all)
        }
    }

    private func addMessages(to namespace: Namespace) {
        namespace.onRaw("shout") { socket, arguments, _ in
            socket.broadcast.emit("shout", arguments: arguments)
        }
        namespace.handle("dm") { socket, arguments throws(Complaint) in
            let id = try arguments.text(0, "the id of a socket")
            guard let receiver = socket.namespace.socket(id) else { throw Complaint("dm: no socket has the id '\(id)'") }
            receiver.emit("dm", arguments: arguments.replacingFirst(with: .string(socket.id)))
        }
        namespace.handle("chat message") { socket, arguments throws(Complaint) in
            let text = try arguments.text(0, "a text")
            let message: JSONValue = [
                "id": .string(socket.id),
                "from": .string(socket.data[.nickname] ?? socket.id),
                "text": .string(text),
                "at": .string(ServerTime.now()),
            ]
            socket.namespace.emit("chat message", message)
        }
        namespace.onRaw("kick") { socket, _, _ in
            socket.disconnect()
        }
    }

    private func addIdentity(to namespace: Namespace) {
        namespace.answer("set nickname") { socket, arguments throws(Complaint) in
            socket.data[.nickname] = try arguments.text(0, "a name")
            socket.emit("ready")
            return [true]
        }
        namespace.answer("whoami") { socket, _ in
            let whoami: JSONValue = [
                "id": .string(socket.id),
                "nickname": socket.data[.nickname].map { .string($0) } ?? .null,
                "namespace": .string(socket.namespace.name),
                "transport": .string(socket.connection.transport.rawValue),
                "rooms": .strings(socket.joinedRooms),
                "auth": .object(socket.handshake.auth),
            ]
            return [whoami]
        }
        namespace.answer("time") { socket, _ in
            [["at": .string(ServerTime.now())]]
        }
    }

    private func addTickets(to namespace: Namespace) {
        let tickets = tickets
        namespace.answer("ticket") { socket, _ in
            [.string(tickets.issue())]
        }
        namespace.answer("redeem") { socket, arguments throws(Complaint) in
            [.bool(tickets.redeem(try arguments.text(0, "a ticket")))]
        }
    }
}

extension SocketData.Key where Value == String {
    static var nickname: Self { "nickname" }
}

extension Socket {
    /// The rooms that the socket has joined, sorted, without the one of its own id.
    var joinedRooms: [String] { rooms.filter { $0 != id }.sorted() }
}
