import NIOCore
import NIOPosix
import NIOSSL
import SocketIOClient

/// Whether a server is up: it answers a GET with a status below 400.
struct Readiness {
    let url: String

    func wait(for limit: Duration) async throws {
        let address: ServerURL
        do { address = try ServerURL(url) } catch { throw CommandFailure("--wait-for '\(url)': \(error)") }
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while true {
            let problem = await problem(address)
            guard let problem else { return }
            guard clock.now < deadline else { throw CommandFailure("\(url) is not ready after \(limit): \(problem)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// `nil`: it is up.
    private func problem(_ address: ServerURL) async -> String? {
        let answer = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: String.self)
        do {
            let context = address.isSecure ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(2))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let context {
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: context, serverHostname: address.host))
                        }
                        try channel.pipeline.syncOperations.addHandler(FirstLine(answer))
                    }
                }
                .connect(host: address.host, port: address.port).get()
            let timeout = channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
            let request = "GET \(target) HTTP/1.1\r\nHost: \(address.host):\(address.port)\r\nConnection: close\r\n\r\n"
            channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
            let line = try await answer.futureResult.get()
            timeout.cancel()
            channel.close(promise: nil)
            let status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
            return (100..<400).contains(status) ? nil : "it answers '\(line)'"
        } catch {
            // nobody else does where there was no connection
            answer.fail(error)
            return "\(error)"
        }
    }

    /// Path and query of the URL.
    private var target: String {
        guard let scheme = url.firstRange(of: "://"), let slash = url[scheme.upperBound...].firstIndex(of: "/") else { return "/" }
        return String(url[slash...])
    }
}

/// Waits for the status line.
private final class FirstLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<String>
    private var received = ByteBuffer()

    init(_ answer: EventLoopPromise<String>) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        if let end = received.readableBytesView.firstIndex(of: UInt8(ascii: "\r")) {
            answer.succeed(String(decoding: received.readableBytesView[..<end], as: UTF8.self))
        } else if received.readableBytes > 1 << 16 {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }
}
