import NIOCore
import NIOPosix

/// HTTP by the letter: one TCP connection per request, and all that comes until the server closes it.
struct RawHTTP: Sendable {
    let status: Int
    let head: String
    let body: ByteBuffer

    func field(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name):") }.map {
            String($0.dropFirst(name.count + 1).trimmingPrefix(" "))
        }
    }

    static func get(_ target: String, port: Int, headers: [String] = []) async throws -> RawHTTP {
        try await request("GET", target, port: port, headers: headers)
    }

    static func request(_ method: String, _ target: String, port: Int, headers: [String] = [], body: String = "") async throws -> RawHTTP {
        let answer = Mailbox<ByteBuffer>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(answer: answer)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let lines =
            ["\(method) \(target) HTTP/1.1", "Host: localhost", "Connection: close", "Content-Length: \(body.utf8.count)"] + headers
        try await channel.writeAndFlush(ByteBuffer(string: lines.joined(separator: "\r\n") + "\r\n\r\n" + body)).get()
        let bytes = try await answer.next("the answer to a \(method)")
        guard let end = bytes.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)),
            let content = bytes.getSlice(at: end.upperBound, length: bytes.writerIndex - end.upperBound)
        else { throw RawClient.UnexpectedAnswer(answer: String(buffer: bytes)) }
        let head = String(decoding: bytes.readableBytesView[..<end.lowerBound], as: UTF8.self)
        return RawHTTP(status: Int(head.split(separator: " ")[1]) ?? 0, head: head, body: content)
    }
}

/// Takes all there is until the server closes.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: Mailbox<ByteBuffer>
    private var buffer = ByteBuffer()

    init(answer: Mailbox<ByteBuffer>) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer.writeImmutableBuffer(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.put(buffer)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
