import NIOCore
import SocketIOClient
import SocketIOWire
import Testing

/// Three people who try everything that the playground offers, one step after the other.
///
/// The conversation is what replay tests record: each event, ack, room, refusal and end of the contract is in it.
enum PlaygroundScenario {
    /// Plays the scenario against a server of the playground contract; returns when all have left.
    static func play(against url: String, parser: (any PacketParser)? = nil) async throws {
        let ann = try await Person(url, auth: ["user": "ann"], transports: [.polling, .webSocket], parser: parser)
        let bob = try await Person(url, auth: ["user": "bob"], transports: [.polling], parser: parser)
        let eve = try await Person(url, auth: ["user": "eve"], transports: [.webSocket], parser: parser)
        try await playEchoes(ann)
        try await playRooms(ann, bob)
        try await playMessages(ann, bob, eve)
        try await playTickets(ann, eve)
        try await playTwoNamespaces(eve)
        try await playNamespaces(ann, url, parser)
        ann.say("kick")
        #expect(try await ann.receives("disconnect") == ["io server disconnect"])
        #expect(try await bob.ask("echo", "still here") == ["still here"])
        eve.client.abort()
        ann.client.close()
        bob.client.close()
        await ann.client.closeAndWait()
        await bob.client.closeAndWait()
    }

    private static func playEchoes(_ ann: Person) async throws {
        let picture = JSONValue.binary(ByteBuffer(bytes: [0, 1, 2, 250, 251, 252]))
        ann.say("message", 1, "zwei", ["drei": 3.5, "vier": [true, nil]])
        #expect(try await ann.receives("message-back") == [1, "zwei", ["drei": 3.5, "vier": [true, nil]]])
        ann.say("message", ["picture": picture])
        #expect(try await ann.receives("message-back") == [["picture": picture]])
        // Two at once: their answers must keep the order.
        ann.say("message", "first")
        ann.say("message", "second")
        #expect(try await ann.receives("message-back") == ["first"])
        #expect(try await ann.receives("message-back") == ["second"])
        #expect(try await ann.ask("message-with-ack", 1, "Ünïcödé 😀") == [1, "Ünïcödé 😀"])
        #expect(try await ann.ask("echo", "a", 2, [picture, "b"]) == ["a", 2, [picture, "b"]])
        ann.say("echo", "without an ack")
        #expect(try await ann.receives("echo") == ["without an ack"])
        ann.say("ask", "life?", 42)
        #expect(try await ann.receives("question") == ["life?", 42])
        #expect(try await ann.receives("answer") == ["life?", 42])
        #expect(try await ann.ask("join")[0]["error"] != nil)
    }

    private static func playRooms(_ ann: Person, _ bob: Person) async throws {
        #expect(try await ann.ask("join", "r2") == [["r2"]])
        #expect(try await ann.ask("join", "r1") == [["r1", "r2"]])
        #expect(try await bob.ask("join", "r1") == [["r1"]])
        ann.say("cast", "r1", ["n": 1])
        for person in [ann, bob] {
            #expect(try await person.receives("cast") == ["r1", ["n": 1]])
        }
        ann.say("cast", "r2", "only for me")
        #expect(try await ann.receives("cast") == ["r2", "only for me"])
        #expect(try await bob.ask("leave", "r1") == [[]])
        ann.say("cast", "r1", "bob has left")
        #expect(try await ann.receives("cast") == ["r1", "bob has left"])
        #expect(try await bob.ask("echo", "I heard nothing") == ["I heard nothing"])
    }

    private static func playMessages(_ ann: Person, _ bob: Person, _ eve: Person) async throws {
        #expect(try await ann.ask("set nickname", "Ann") == [true])
        try await ann.receives("ready")
        ann.say("chat message", "hello bob")
        for person in [ann, bob] {
            let message = try await person.receives("chat message")[0]
            #expect(message["id"] == .string(ann.id))
            #expect(message["from"] == "Ann")
            #expect(message["text"] == "hello bob")
        }
        try await eve.receives("chat message")
        bob.say("shout", "hey", 1)
        for person in [ann, eve] { #expect(try await person.receives("shout") == ["hey", 1]) }
        bob.say("dm", .string(ann.id), "psst")
        #expect(try await ann.receives("dm") == [.string(bob.id), "psst"])
        let whoami = try await ann.ask("whoami")[0]
        #expect(whoami["id"] == .string(ann.id))
        #expect(whoami["nickname"] == "Ann")
        #expect(whoami["rooms"] == ["r1", "r2"])
        #expect(try await bob.ask("time")[0]["at"]?.stringValue != nil)
    }

    private static func playTickets(_ ann: Person, _ eve: Person) async throws {
        let other = try await eve.ask("ticket")[0]
        let ticket = try await ann.ask("ticket")[0]
        #expect(ticket.stringValue?.count == 16)
        #expect(try await ann.ask("redeem", ticket) == [true])
        #expect(try await ann.ask("redeem", ticket) == [false])
        #expect(try await ann.ask("redeem", other) == [true])
    }

    /// On one connection.
    private static func playTwoNamespaces(_ eve: Person) async throws {
        let custom = try await Person("", "/custom", auth: ["user": "eve"], transports: [], on: eve.client)
        custom.say("message", "eve in custom")
        #expect(try await custom.receives("message-back") == ["eve in custom"])
        #expect(try await eve.ask("echo", "eve in /") == ["eve in /"])
        custom.socket.disconnect()
    }

    private static func playNamespaces(_ ann: Person, _ url: String, _ parser: (any PacketParser)?) async throws {
        let custom = try await Person(url, "/custom", transports: [.webSocket], parser: parser)
        custom.say("message", "in custom")
        #expect(try await custom.receives("message-back") == ["in custom"])
        for (namespace, message) in [("/private", "unauthorized"), ("/nowhere", "Invalid namespace")] {
            let socket = custom.client.socket(namespace)
            socket.connect(auth: ["token": "guess"])
            let refusal = await #expect(throws: ClientSocket.ConnectError.self) { try await socket.waitUntilConnected() }
            #expect(refusal?.message == message)
        }
        let insider = try await Person(url, "/private", auth: ["token": "letmein"], transports: [], on: custom.client)
        #expect(try await insider.ask("echo", "inside") == ["inside"])
        insider.socket.disconnect()
        custom.socket.disconnect()
        await custom.client.closeAndWait()
    }
}
