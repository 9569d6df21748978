import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import SocketIOWire
import TestSupport

/// A TCP connection that sends what it is told to and keeps what comes.
final class RawConnection: Sendable {
    private struct State {
        var received = ByteBuffer()
        var isClosed = false
        var waiting: [(isSatisfied: @Sendable (ByteBuffer, Bool) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let state: NIOLockedValueBox<State>

        init(_ state: NIOLockedValueBox<State>) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            update { $0.received.writeImmutableBuffer(bytes) }
        }

        func channelInactive(context: ChannelHandlerContext) { update { $0.isClosed = true } }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func update(_ change: (inout State) -> Void) {
            let ready = state.withLockedValue { state in
                change(&state)
                let ready = state.waiting.filter { $0.isSatisfied(state.received, state.isClosed) }
                state.waiting.removeAll { $0.isSatisfied(state.received, state.isClosed) }
                return ready
            }
            for waiter in ready { waiter.continuation.resume() }
        }
    }

    private let channel: any Channel
    private let state: NIOLockedValueBox<State>

    init(port: Int) async throws {
        let state = NIOLockedValueBox(State())
        self.state = state
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(state)) }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)) }
    func send(_ bytes: ByteBuffer) async throws { try await channel.writeAndFlush(bytes) }

    /// Cuts the connection.
    func close() async throws { try await channel.close() }

    /// Takes nothing more from the network.
    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    func received(bytes: Int) async throws { try await wait("\(bytes) bytes") { received, _ in received.readableBytes >= bytes } }

    func waitUntilClosed() async throws { try await wait("its end") { $1 } }

    /// A request with a body, if it has one.
    func request(_ method: String, _ target: String, headers: [String] = [], body: ByteBuffer) async throws {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: test", "Content-Length: \(body.readableBytes)"] + headers
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        try await send(body)
    }

    /// A request with a body, if it has one.
    func request(_ method: String, _ target: String, headers: [String] = [], body: String? = nil) async throws {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        let lines = ["\(method) \(target) HTTP/1.1", "Host: test"] + headers + length
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    }

    /// The next whole response: its first line and headers, and its body.
    func response() async throws -> (status: Int, head: String, body: String) {
        try await wait("a response") { bytes, _ in Self.response(in: bytes) != nil }
        return try state.withLockedValue { state in
            guard let (response, length) = Self.response(in: state.received) else { throw DeadlinePassed(description: "no response") }
            state.received.moveReaderIndex(forwardBy: length)
            return response
        }
    }

    /// The next whole response with its body as bytes.
    func binaryResponse() async throws -> (head: String, body: ByteBuffer) {
        try await wait("a response") { bytes, _ in Self.binaryResponse(in: bytes) != nil }
        return try state.withLockedValue { state in
            guard let response = Self.binaryResponse(in: state.received) else { throw DeadlinePassed(description: "no response") }
            state.received.moveReaderIndex(to: response.body.readableBytes + response.bodyStart)
            return (response.head, response.body)
        }
    }

    private static func binaryResponse(in bytes: ByteBuffer) -> (head: String, body: ByteBuffer, bodyStart: Int)? {
        guard let end = bytes.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes.readableBytesView[..<end.lowerBound], as: UTF8.self)
        let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let count = field.flatMap { Int($0.dropFirst(15).trimmingPrefix(" ")) } ?? 0
        guard let body = bytes.getSlice(at: end.upperBound, length: count) else { return nil }
        return (head, body, end.upperBound)
    }

    private static func response(in bytes: ByteBuffer) -> ((status: Int, head: String, body: String), length: Int)? {
        let text = String(buffer: bytes)
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let head = String(parts[0])
        let status = Int(head.split(separator: " ")[1]) ?? 0
        let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let count = field.flatMap { Int($0.dropFirst(15).trimmingPrefix(" ")) } ?? 0
        guard parts[1].utf8.count >= count else { return nil }
        let body = String(decoding: parts[1].utf8.prefix(count), as: UTF8.self)
        return ((status, head, body), head.utf8.count + 4 + count)
    }

    // MARK: WebSocket

    func openWebSocket(_ target: String, headers: [String] = []) async throws -> (status: Int, head: String, body: String) {
        try await request(
            "GET", target,
            headers: [
                "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            ] + headers)
        return try await response()
    }

    func sendFrame(_ opcode: WebSocketOpcode, _ payload: String) async throws {
        var frame = ByteBuffer()
        WebSocketFrameEncoder.write(opcode, payload: ByteBuffer(string: payload), mask: 0x0102_0304, into: &frame)
        try await send(frame)
    }

    func sendFrame(_ opcode: WebSocketOpcode, bytes: [UInt8], isCompressed: Bool = false) async throws {
        var frame = ByteBuffer()
        WebSocketFrameEncoder.write(opcode, payload: ByteBuffer(bytes: bytes), isCompressed: isCompressed, mask: 0x0102_0304, into: &frame)
        try await send(frame)
    }

    /// The next message of the WebSocket.
    func message() async throws -> WebSocketMessage {
        try await wait("a frame") { bytes, _ in Self.message(in: bytes) != nil }
        return try state.withLockedValue { state in
            guard let (message, length) = Self.message(in: state.received) else { throw DeadlinePassed(description: "no frame") }
            state.received.moveReaderIndex(forwardBy: length)
            return message
        }
    }

    /// Byte by byte, so that it is known where the message ends.
    private static func message(in bytes: ByteBuffer) -> (WebSocketMessage, Int)? {
        var decoder = WebSocketFrameDecoder(role: .client, maxMessageSize: 1 << 24, inflates: true)
        for (index, byte) in bytes.readableBytesView.enumerated() {
            decoder.append(ByteBuffer(bytes: [byte]))
            if let message = try? decoder.next() { return (message, index + 1) }
        }
        return nil
    }

    private func wait(_ what: String, _ isSatisfied: @escaping @Sendable (ByteBuffer, Bool) -> Bool) async throws {
        try await withDeadline("\(what); received so far: \(self.state.withLockedValue { String(buffer: $0.received).prefix(1000) })") {
            [state] in
            await withCheckedContinuation { continuation in
                let isReady = state.withLockedValue { state in
                    if isSatisfied(state.received, state.isClosed) { return true }
                    state.waiting.append((isSatisfied, continuation))
                    return false
                }
                if isReady { continuation.resume() }
            }
        }
    }
}
