import NIOCore
import NIOPosix
import Testing

/// A WebSocket client that knows Engine.IO by the letter and nothing else: what it sends and gets are engine packets.
///
/// It frames by its own few lines, so that a test does not trust the code it tests.
final class RawClient: Sendable {
    enum Message: Sendable, Equatable, CustomStringConvertible {
        case text(String)
        case binary([UInt8])
        case closed

        var description: String {
            switch self {
            case .text(let text): "text \(text)"
            case .binary(let bytes): "binary \(bytes)"
            case .closed: "closed"
            }
        }
    }

    private let channel: any Channel
    private let inbox: Mailbox<Message>
    /// The engine's session id.
    let sid: String

    private init(channel: any Channel, inbox: Mailbox<Message>, sid: String) {
        self.channel = channel
        self.inbox = inbox
        self.sid = sid
    }

    /// Opens a WebSocket and takes the open packet.
    static func open(port: Int, query: String = "", version: Int = 4) async throws -> RawClient {
        let inbox = Mailbox<Message>()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawWebSocketHandler(inbox: inbox))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let request =
            "GET /socket.io/?EIO=\(version)&transport=websocket\(query) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: request)).get()
        guard case .text(let open) = try await inbox.next("the open packet"), open.hasPrefix("0{"),
            let sid = open.firstMatch(of: /"sid":"([^"]*)"/)?.1
        else { throw ChannelError.operationUnsupported }
        return RawClient(channel: channel, inbox: inbox, sid: String(sid))
    }

    /// Opens a WebSocket and joins a namespace.
    ///
    /// - Returns: the client and the socket id it got.
    static func join(port: Int, namespace: String = "/", auth: String = "") async throws -> (client: RawClient, id: String) {
        let client = try await open(port: port)
        return (client, try await client.join(namespace, auth: auth))
    }

    func join(_ namespace: String = "/", auth: String = "") async throws -> String {
        let prefix = namespace == "/" ? "40" : "40\(namespace),"
        send(prefix + auth)
        let answer = try await text()
        guard answer.hasPrefix(prefix + "{\"sid\":\"") else { throw UnexpectedAnswer(answer: answer) }
        return String(answer.dropFirst((prefix + "{\"sid\":\"").count).dropLast(2))
    }

    struct UnexpectedAnswer: Error { let answer: String }

    func send(_ text: String) { write(opcode: 1, Array(text.utf8)) }

    func send(binary: [UInt8]) { write(opcode: 2, binary) }

    /// Several text packets in one write.
    func send(batch: [String]) {
        var buffer = ByteBuffer()
        for text in batch { frame(opcode: 1, Array(text.utf8), into: &buffer) }
        channel.writeAndFlush(buffer, promise: nil)
    }

    func next() async throws -> Message { try await inbox.next("a packet of the server") }

    /// The next packet, which must be text.
    func text() async throws -> String {
        let message = try await next()
        guard case .text(let text) = message else { throw UnexpectedAnswer(answer: message.description) }
        return text
    }

    /// Takes the next packet, which must be this text.
    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let next = try await next()
        #expect(next == .text(text), sourceLocation: sourceLocation)
    }

    func expect(binary: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let next = try await next()
        #expect(next == .binary(binary), sourceLocation: sourceLocation)
    }

    /// Sends an event with an ack that the server answers for sure, so that everything before it has come.
    func settle() async throws -> [Message] {
        send("4299[\"settle\"]")
        var before: [Message] = []
        while true {
            let message = try await next()
            if message == .text("4399[]") { return before }
            before.append(message)
            if message == .closed { return before }
        }
    }

    /// Cuts the TCP connection.
    func drop() { channel.close(promise: nil) }

    private func write(opcode: UInt8, _ payload: [UInt8]) {
        var buffer = ByteBuffer()
        frame(opcode: opcode, payload, into: &buffer)
        channel.writeAndFlush(buffer, promise: nil)
    }

    private func frame(opcode: UInt8, _ payload: [UInt8], into buffer: inout ByteBuffer) {
        buffer.writeInteger(0x80 | opcode)
        if payload.count < 126 {
            buffer.writeInteger(0x80 | UInt8(payload.count))
        } else {
            buffer.writeInteger(0x80 | UInt8(126))
            buffer.writeInteger(UInt16(payload.count))
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        buffer.writeBytes(mask)
        buffer.writeBytes(payload.enumerated().map { $1 ^ mask[$0 & 3] })
    }
}

/// Takes the answer to the upgrade, then frames; answers pings.
private final class RawWebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let inbox: Mailbox<RawClient.Message>
    private var buffer = ByteBuffer()
    private var isUpgraded = false
    private var isClosed = false

    init(inbox: Mailbox<RawClient.Message>) {
        self.inbox = inbox
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer.writeImmutableBuffer(unwrapInboundIn(data))
        if !isUpgraded {
            guard let end = buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            let head = String(decoding: buffer.readableBytesView[..<end.lowerBound], as: UTF8.self)
            guard head.hasPrefix("HTTP/1.1 101") else { return context.close(promise: nil) }
            buffer.moveReaderIndex(to: end.upperBound)
            isUpgraded = true
        }
        while readFrame(context: context) {}
    }

    private func readFrame(context: ChannelHandlerContext) -> Bool {
        var rest = buffer
        guard let first = rest.readInteger(as: UInt8.self), let second = rest.readInteger(as: UInt8.self) else { return false }
        var length = Int(second & 0x7f)
        if length == 126 {
            guard let long = rest.readInteger(as: UInt16.self) else { return false }
            length = Int(long)
        } else if length == 127 {
            guard let long = rest.readInteger(as: UInt64.self) else { return false }
            length = Int(long)
        }
        guard let payload = rest.readBytes(length: length) else { return false }
        buffer = rest
        switch first & 0x0f {
        case 1:
            let text = String(decoding: payload, as: UTF8.self)
            if text == "2" { pong(context: context) } else { inbox.put(.text(text)) }
        case 2: inbox.put(.binary(payload))
        case 8: close(context: context)
        default: break
        }
        return true
    }

    private func pong(context: ChannelHandlerContext) {
        let pong: [UInt8] = [0x81, 0x81, 0, 0, 0, 0, UInt8(ascii: "3")]
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: pong)), promise: nil)
    }

    private func close(context: ChannelHandlerContext) {
        guard !isClosed else { return }
        isClosed = true
        inbox.put(.closed)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        close(context: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(context: context)
    }
}
