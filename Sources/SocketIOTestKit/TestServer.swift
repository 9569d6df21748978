import EngineIO
import HTTPTypes
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOEmbedded
public import SocketIO

/// A Socket.IO server with clients in the same process, without ports, threads of its own or waiting: time stands still until a test moves it.
///
/// ```swift
/// let server = TestServer()
/// registerHandlers(on: server.io)                  // the app's own code
/// let ann = try await server.connect(auth: ["token": "letmein"])
/// let answer: String = try await ann.emitWithAck("ferret", "tobi")
/// await server.advance(by: .seconds(45))           // heartbeats, timeouts and whatever else is due happens now
/// await server.shutdown()
/// ```
///
/// What passes between server and client are real frames and packets; only the network below is missing. Handlers run as they do in
/// production: in order, on an event loop. Time that an app's own code waits with (`Task.sleep`) is not virtual.
public final class TestServer: Sendable {
    /// The server: register the app's handlers here.
    public let io: SocketIOServer
    let loop: NIOAsyncTestingEventLoop
    private let clients = NIOLockedValueBox<[ObjectIdentifier: TestClient]>([:])
    /// Channels that have something for their client.
    private let stirred = NIOLockedValueBox<Set<ObjectIdentifier>>([])

    /// - Parameter options: those of the app; time is the test's.
    public init(_ options: SocketIOServer.Options = SocketIOServer.Options()) {
        let loop = NIOAsyncTestingEventLoop()
        var options = options
        options.now = { loop.now }
        self.loop = loop
        io = SocketIOServer(options)
    }

    /// Connects a client and joins a namespace.
    ///
    /// - Parameters:
    ///   - auth: what the client sends with CONNECT, an object.
    ///   - headers: of the handshake's request.
    ///   - query: of the handshake's request, as it stands in a URL.
    /// - Throws: ``ConnectRefused`` if the server refuses, ``TestTimeout`` if it does not answer.
    public func connect(
        _ namespace: String = "/", auth: JSONValue? = nil, headers: [String: String] = [:], query: String = ""
    ) async throws -> TestClient {
        let client = try await open(headers: headers, query: query)
        try await client.join(namespace, auth: auth)
        return client
    }

    /// Connects a client that has joined no namespace yet; see ``TestClient/join(_:auth:)``.
    public func open(headers: [String: String] = [:], query: String = "") async throws -> TestClient {
        let channel = NIOAsyncTestingChannel(loop: loop)
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let url = "/socket.io/?EIO=4&transport=websocket" + (query.isEmpty ? "" : "&\(query)")
        var fields: HTTPFields = [:]
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let head = HTTPRequest(method: .get, scheme: "http", authority: "test", path: url, headerFields: fields)
        let request = EngineRequest(head, remoteAddress: "127.0.0.1", isSecure: false, at: Int64(loop.now.uptimeNanoseconds / 1000))
        let engine = io.engine
        let id = ObjectIdentifier(channel)
        let client = TestClient(server: self, channel: channel)
        clients.withLockedValue { $0[id] = client }
        try await loop.executeInContext { [stirred] in
            try channel.pipeline.syncOperations.addHandler(StirSignal { stirred.withLockedValue { _ = $0.insert(id) } })
            try engine.openWebSocket(on: channel, request: request)
        }
        await settle()
        return client
    }

    /// Moves time on: what is due until then happens, step by step, with clients answering pings as they do.
    public func advance(by duration: Duration) async {
        let end = loop.now + TimeAmount(duration)
        await settle()
        while loop.now < end {
            await loop.advanceTime(to: min(end, loop.now + .milliseconds(500)))
            await settle()
        }
    }

    /// Lets everything happen that can without time passing.
    public func settle() async {
        // What one party does may give the other something to do; handlers that wait for another thread get a chance in between.
        for _ in 0..<3 {
            repeat {
                await loop.run()
                await Task.yield()
            } while await pump()
        }
    }

    /// - Returns: whether any client heard something.
    private func pump() async -> Bool {
        let ready = stirred.withLockedValue { stirred in
            defer { stirred = [] }
            return stirred
        }
        let moved = clients.withLockedValue { clients in ready.compactMap { clients[$0] } }
        for client in moved { await client.pump() }
        return !moved.isEmpty
    }

    /// Takes no notice of a client any more that has gone; for tests with very many of them.
    public func forget(_ client: TestClient) { clients.withLockedValue { $0[client.channelID] = nil } }

    /// Shuts the server down; its clients hear of it.
    public func shutdown() async {
        await io.shutdown(Shutdown(drain: .zero))
        await settle()
        await loop.shutdownGracefully()
    }
}

/// Tells when the server writes to a channel, or closes it.
private final class StirSignal: ChannelDuplexHandler {
    typealias InboundIn = Any
    typealias OutboundIn = Any
    typealias OutboundOut = Any

    private let stir: () -> Void

    init(_ stir: @escaping () -> Void) {
        self.stir = stir
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        stir()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stir()
        context.fireChannelInactive()
    }
}

/// What a test waited for did not come.
public struct TestTimeout: Error, CustomStringConvertible {
    /// What was waited for, and what came instead.
    public let description: String
}

/// The server refused a connect.
public struct ConnectRefused: Error, CustomStringConvertible {
    /// What the server said.
    public let message: String
    /// What it said besides.
    public let data: JSONValue?

    public var description: String { "the connect was refused: \(message)" }
}
