import Foundation
import Hummingbird
import HummingbirdTesting
import NIOConcurrencyHelpers
import SocketIO
import SocketIOTestKit
import TestSupport
import Testing

/// The founding README's recipes, one after the other (section 3.7 of the behaviour notes), and the article that shows them.
@Suite("A recipe")
struct RecipeTests {
    @Test("in the article is the code that is run here")
    func article() throws {
        let source = try String(contentsOf: TestPlaces.root.appending(path: "Tests/SocketIOTests/Recipes/Recipes.swift"), encoding: .utf8)
        let article = try String(contentsOf: TestPlaces.root.appending(path: "Sources/SocketIO/SocketIO.docc/Recipes.md"), encoding: .utf8)
        let code = source.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        var count = 0
        for block in article.split(separator: "```swift\n").dropFirst() {
            let lines = block.prefix(upTo: block.firstRange(of: "```")?.lowerBound ?? block.endIndex)
                .split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
            #expect(code.firstRange(of: lines) != nil, "\(lines.joined(separator: "\n"))")
            count += 1
        }
        #expect(count >= 15)
    }

    @Test("attaches to an HTTP server: its routes and Socket.IO on one port")
    func attach() async throws {
        try await Recipes.attachToHTTPServer().test(.live) { client in
            let hello = try await client.execute(uri: "/hello", method: .get)
            #expect(String(buffer: hello.body) == "Hello")
            let handshake = try await client.execute(uri: "/socket.io/?EIO=4&transport=polling", method: .get)
            #expect(String(buffer: handshake.body).hasPrefix("0{\"sid\":"))
        }
    }

    @Test("attaches to an HTTPS server")
    func attachSecurely() async throws {
        let (certificate, key) = try await TestCertificate.make()
        try await Recipes.attachToHTTPSServer(certificate: certificate, key: key).test(.live) { client in
            let answer = try await TestCertificate.curl("https://localhost:\(client.port ?? 0)/socket.io/?EIO=4&transport=polling")
            #expect(answer.hasPrefix("0{\"sid\":"))
        }
    }

    @Test("listens on a port of its own")
    func ownPort() async throws {
        // A port that was free a moment ago.
        let free = SocketIOServer()
        let port = try #require(try await free.start(port: 0).port)
        await free.shutdown()
        let running = Task { try await Recipes.listenOnAPort(port) }
        try await eventually("the server answers") {
            (try? await RawHTTP.get("/socket.io/?EIO=4&transport=polling", port: port).status) == 200
        }
        running.cancel()
        try await running.value
    }

    private func with(_ recipe: (SocketIOServer) -> Void, _ body: (TestServer) async throws -> Void) async throws {
        let server = TestServer()
        recipe(server.io)
        try await body(server)
        await server.shutdown()
    }

    @Test("sends news and hears another event")
    func news() async throws {
        try await with(Recipes.news) { server in
            let heard = NIOLockedValueBox(false)
            server.io.onConnection { socket in
                socket.on("my other event") { (data: [String: String]) in heard.withLockedValue { $0 = data == ["my": "data"] } }
            }
            let ann = try await server.connect()
            #expect(try await ann.next("news", as: [String: String].self) == ["hello": "world"])
            try await ann.emit("my other event", ["my": "data"])
            #expect(heard.withLockedValue { $0 })
        }
    }

    @Test("tells everyone, and of goodbyes")
    func everyone() async throws {
        try await with(Recipes.everyone) { server in
            let ann = try await server.connect()
            _ = try await ann.next("this", as: [String: String].self)
            let bob = try await server.connect()
            #expect(try await ann.next("this", as: [String: String].self) == ["will": "be received by everyone"])
            try await bob.emit("private message", "bob", "hello")
            await bob.drop()
            _ = try await ann.next("user disconnected", as: String?.self)
        }
    }

    @Test("keeps a nickname")
    func nickname() async throws {
        try await with(Recipes.storingData) { server in
            let ann = try await server.connect()
            try await ann.emit("set nickname", "ann")
            _ = try await ann.next("ready", as: String?.self)
            #expect(server.io.sockets.socket(ann.id ?? "")?.data[.nickname] == "ann")
            try await ann.emit("msg")
        }
    }

    @Test("sends what may be lost; it comes like any other where there is room")
    func volatile() async throws {
        try await with({ io in
            io.onConnection { socket in socket.on("again") { socket.volatile.emit("position", 52.5, 13.4) } }
        }) { server in
            Recipes.volatile(server.io)
            let ann = try await server.connect()
            try await ann.emit("again")
            let (north, east) = try await ann.next("position", as: Double.self, Double.self)
            #expect((north, east) == (52.5, 13.4))
        }
    }

    @Test("acknowledges", arguments: [true, false])
    func woot(isExplicit: Bool) async throws {
        try await with(isExplicit ? Recipes.explicitAcknowledgement : Recipes.acknowledgements) { server in
            let ann = try await server.connect()
            let answer: String = try await ann.emitWithAck("ferret", "tobi")
            #expect(answer == "woot")
        }
    }

    @Test("broadcasts to all but the sender")
    func broadcast() async throws {
        try await with(Recipes.broadcasting) { server in
            let ann = try await server.connect()
            let bob = try await server.connect()
            _ = try await ann.next("user connected", as: String?.self)
            #expect(bob.events.isEmpty)
        }
    }

    @Test("reaches rooms")
    func rooms() async throws {
        try await with(Recipes.rooms) { server in
            let ann = try await server.connect()
            server.io.sockets.socket(ann.id ?? "")?.join("rammstein fans")
            _ = try await server.connect()
            _ = try await ann.next("new fan", as: String?.self)
            _ = try await ann.next("new non-fan", as: String?.self)
        }
    }

    @Test("is just a WebSocket")
    func messages() async throws {
        try await with(Recipes.crossBrowserWebSocket) { server in
            let ann = try await server.connect()
            try await ann.emit("message", "hi")
            let (first, second) = try await ann.next("message", as: String.self, String.self)
            #expect((first, second) == ("you said", "hi"))
        }
    }

    @Test("lets one client greet another, and hear when it has gone")
    func salutation() async throws {
        try await with(Recipes.messagingBetweenClients) { server in
            let ann = try await server.connect()
            let bob = try await server.connect()
            try await ann.emit("salutate", bob.id ?? "")
            _ = try await bob.next("hi!", as: String?.self)
            await bob.drop()
            _ = try await ann.next("friend disconnected", as: String?.self)
        }
    }

    @Test("is configured by options; transports that are gone have no name")
    func configuration() {
        let io = Recipes.configuration()
        #expect(io.options.engine.transports == [.webSocket, .polling])
        for name in ["flashsocket", "htmlfile", "xhr-polling", "jsonp-polling"] { #expect(TransportKind(rawValue: name) == nil) }
    }
}
