import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A server that answers requests with the bytes that a test gives it: wrong ones, half ones, none.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        var method: String
        var target: String
        var headers: [(name: String, value: String)]
        var body: ByteBuffer

        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
    }

    enum Reply: Sendable {
        /// The bytes, in pieces of at most so many bytes, each of its own segment as far as TCP lets us.
        case bytes(ByteBuffer, pieces: Int = .max)
        /// The bytes, and the end of the connection.
        case last(ByteBuffer)
        /// No answer for now.
        case hold
        case close
    }

    typealias Script = @Sendable (Request) -> Reply

    let url: String
    let requests: Collected<Request>
    private let channel: any Channel

    static func start(_ script: @escaping Script) async throws -> ScriptedServer {
        let requests = Collected<Request>()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptHandler(script: script, requests: requests))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(channel: channel, requests: requests)
    }

    private init(channel: any Channel, requests: Collected<Request>) {
        self.channel = channel
        url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
        self.requests = requests
    }

    func stop() async throws {
        try await channel.close()
    }

    static func response(_ status: String = "200 OK", _ body: String, headers: String = "") -> ByteBuffer {
        ByteBuffer(string: "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    static let handshake = #"0{"sid":"s1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: ScriptedServer.Script
    private let requests: Collected<ScriptedServer.Request>
    private var received = ByteBuffer()

    init(script: @escaping ScriptedServer.Script, requests: Collected<ScriptedServer.Request>) {
        self.script = script
        self.requests = requests
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        while let request = nextRequest() {
            requests.append(request)
            switch script(request) {
            case .hold: break
            case .close: context.close(promise: nil)
            case .last(let bytes):
                context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            case .bytes(var bytes, let pieces):
                while bytes.readableBytes > 0, let piece = bytes.readSlice(length: min(pieces, bytes.readableBytes)) {
                    context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
                }
            }
        }
    }

    private func nextRequest() -> ScriptedServer.Request? {
        let view = received.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: view[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let first = head[0].split(separator: " ")
        let headers = head.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: String(parts[0]), value: parts[1].drop { $0 == " " }.description)
        }
        let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
        guard received.readerIndex + received.readableBytes - end.upperBound >= length else { return nil }
        received.moveReaderIndex(to: end.upperBound)
        let body = received.readSlice(length: length) ?? ByteBuffer()
        return .init(method: String(first[0]), target: String(first[1]), headers: headers, body: body)
    }
}
