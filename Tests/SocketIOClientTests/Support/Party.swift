import Logging
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOWire

/// A server of our own in this process and a client of it, for one test.
struct Party {
    let io: SocketIOServer
    let url: String
    let client: SocketIOClient
    let packets = Collected<String>()
    let engine = Collected<String>()
    let errors = Collected<String>()

    static func run(
        _ mode: Mode, serve: (SocketIOServer) -> Void = { _ in }, options change: (inout SocketIOServer.Options) -> Void = { _ in },
        configure: (inout EngineClient.Configuration) -> Void = { _ in }, _ body: (Party) async throws -> Void
    ) async throws {
        var options = SocketIOServer.Options()
        options.logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        change(&options)
        let io = SocketIOServer(options)
        serve(io)
        let address = try await io.start(port: 0)
        let url = "http://127.0.0.1:\(address.port ?? 0)"
        var configuration = try mode.configuration(url)
        configure(&configuration)
        let party = Party(io: io, url: url, client: SocketIOClient(configuration, logger: options.logger))
        party.watch()
        do {
            try await body(party)
        } catch {
            await party.io.shutdown()
            throw error
        }
        await party.client.closeAndWait()
        await party.io.shutdown()
    }

    private func watch() {
        client.onPacket { [packets] packet in
            packets.append("\(packet.kind) \(packet.namespace) \(packet.payload.map { String(buffer: $0) } ?? "")")
        }
        client.onEngineEvent { [engine] in engine.append(Watched.words($0)) }
        client.onError { [errors] in errors.append("\($0)") }
    }

    /// The socket of a namespace, connected.
    func connected(_ namespace: String = "/", auth: JSONValue? = nil) async throws -> ClientSocket {
        let socket = client.socket(namespace)
        socket.connect(auth: auth)
        try await socket.waitUntilConnected()
        return socket
    }

    /// A relay to the server.
    func relay() async throws -> Relay {
        try await Relay.start(to: ServerURL(url).port)
    }

    func upgraded() async throws {
        try await engine.wait(for: "the upgrade") { $0.contains("upgraded") }
    }

    /// What the connection told last.
    func end() async throws -> String {
        try await engine.wait(for: "the end") { $0.last?.hasPrefix("closed") == true }.last ?? ""
    }
}
