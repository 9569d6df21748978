import NIOCore
import NIOPosix

/// Long-polling by the letter: one TCP connection per request.
struct RawPoll {
    let port: Int
    var sid = ""

    /// Makes the handshake.
    static func open(port: Int) async throws -> RawPoll {
        var client = RawPoll(port: port)
        let answer = try await client.poll()
        guard let sid = answer.firstMatch(of: /"sid":"([^"]*)"/)?.1 else { throw RawClient.UnexpectedAnswer(answer: answer) }
        client.sid = String(sid)
        return client
    }

    /// Sends one GET.
    ///
    /// - Returns: the body.
    func poll() async throws -> String {
        try await request("GET", body: "")
    }

    /// Sends packets in one POST.
    func post(_ packets: String...) async throws {
        let answer = try await request("POST", body: packets.joined(separator: "\u{1e}"))
        guard answer == "ok" else { throw RawClient.UnexpectedAnswer(answer: answer) }
    }

    private func request(_ method: String, body: String) async throws -> String {
        let answer = Mailbox<String>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(answer: answer)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let query = "EIO=4&transport=polling" + (sid.isEmpty ? "" : "&sid=\(sid)")
        let head =
            "\(method) /socket.io/?\(query) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: head + body)).get()
        let text = try await answer.next("the answer to a \(method)")
        guard let end = text.firstRange(of: "\r\n\r\n") else { throw RawClient.UnexpectedAnswer(answer: text) }
        return String(text[end.upperBound...])
    }
}

/// Takes all there is until the server closes.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: Mailbox<String>
    private var buffer = ByteBuffer()

    init(answer: Mailbox<String>) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer.writeImmutableBuffer(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.put(String(buffer: buffer))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
