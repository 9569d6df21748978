import NIOConcurrencyHelpers
import SocketIO
import SocketIOTestKit
import Testing

/// Rows J1 to J5 and trap 54 of the behaviour notes.
@Suite("Namespaces on demand")
struct DynamicNamespaceTests {
    @Test("A name that fits a pattern makes a namespace, with the family's middleware and handlers; others are refused (J2)")
    func pattern() async throws {
        let server = TestServer()
        let made = NIOLockedValueBox<[String]>([])
        server.io.onNewNamespace { namespace in made.withLockedValue { $0.append(namespace.name) } }
        let rooms = server.io.of(matching: /^\/room-\d+$/)
        rooms.use { socket in if socket.handshake.auth["banned"] == true { throw ConnectError("banned") } }
        rooms.onConnection { socket in socket.emit("hello", socket.namespace.name) }
        rooms.on("echo") { (_: Socket, text: String) in text }
        let ann = try await server.connect("/room-1")
        #expect(try await ann.next("hello", as: String.self, namespace: "/room-1") == "/room-1")
        let echo: String = try await ann.emitWithAck("echo", "hi", to: "/room-1")
        #expect(echo == "hi")
        #expect(made.withLockedValue { $0 } == ["/room-1"])
        await #expect(throws: ConnectRefused.self) { try await server.connect("/room-x") }
        await #expect(throws: ConnectRefused.self) { try await server.connect("/room-2", auth: ["banned": true]) }
        #expect(rooms.children.map(\.name) == ["/room-1"])
        await server.shutdown()
    }

    @Test("A function may admit by name and auth, after some thought; events sent meanwhile wait (J3, trap 44)")
    func function() async throws {
        let server = TestServer()
        let family = server.io.of { name, auth in
            await Task.yield()
            return name.hasPrefix("/user/") && auth["name"]?.stringValue == String(name.dropFirst(6))
        }
        family.on("echo") { (_: Socket, text: String) in text }
        let ann = try await server.connect("/user/ann", auth: ["name": "ann"])
        let echo: String = try await ann.emitWithAck("echo", "hi", to: "/user/ann")
        #expect(echo == "hi")
        let refusal = await #expect(throws: ConnectRefused.self) { try await server.connect("/user/bob", auth: ["name": "ann"]) }
        #expect(refusal?.message == "Invalid namespace")
        await server.shutdown()
    }

    @Test("Exact names win over families, and families are asked in their order (trap 54)")
    func order() async throws {
        let server = TestServer()
        let first = server.io.of(matching: /^\/a/)
        let second = server.io.of(matching: /^\/ab/)
        let exact = server.io.of("/b")
        let third = server.io.of(matching: /^\/b/)
        _ = try await server.connect("/abc")
        _ = try await server.connect("/b")
        #expect(first.children.map(\.name) == ["/abc"] && second.children.isEmpty && third.children.isEmpty)
        #expect(exact.count == 1)
        await server.shutdown()
    }

    @Test("A namespace that is named and fits a pattern is the family's child (J4), and the family's emit reaches all (J4)")
    func namedChild() async throws {
        let server = TestServer()
        let family = server.io.of(matching: /^\/room-/)
        let named = server.io.of("/room-main")
        let ann = try await server.connect("/room-main")
        let bob = try await server.connect("/room-2")
        family.emit("news", 1)
        #expect(try await ann.next("news", as: Int.self, namespace: "/room-main") == 1)
        #expect(try await bob.next("news", as: Int.self, namespace: "/room-2") == 1)
        #expect(family.children.map(\.name) == ["/room-2", "/room-main"])
        await ann.drop()
        await bob.drop()
        // The named one stays.
        #expect(family.children.map(\.name) == ["/room-main"] && named.count == 0)
        await server.shutdown()
    }

    @Test("An empty child goes, also one whose only client was refused; with the option off it stays (J5)", arguments: [true, false])
    func cleanUp(isOn: Bool) async throws {
        var options = SocketIOServer.Options()
        options.cleanupEmptyChildNamespaces = isOn
        let server = TestServer(options)
        let family = server.io.of(matching: /^\/x/)
        family.use { socket in if socket.handshake.auth["no"] == true { throw ConnectError("no") } }
        let ann = try await server.connect("/x1")
        await ann.disconnect("/x1")
        await #expect(throws: ConnectRefused.self) { try await server.connect("/x2", auth: ["no": true]) }
        await server.settle()
        #expect(family.children.map(\.name) == (isOn ? [] : ["/x1", "/x2"]))
        await server.shutdown()
    }

    @Test("Clients cannot make namespaces without end (trap 54)")
    func bound() async throws {
        var options = SocketIOServer.Options()
        options.limits.dynamicNamespaces = 2
        let server = TestServer(options)
        _ = server.io.of(matching: /./)
        _ = try await server.connect("/1")
        _ = try await server.connect("/2")
        let refusal = await #expect(throws: ConnectRefused.self) { try await server.connect("/3") }
        #expect(refusal?.message == "Too many namespaces")
        await server.shutdown()
    }
}
