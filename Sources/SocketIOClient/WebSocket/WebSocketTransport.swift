import NIOCore
import NIOHTTP1
import SocketIOWire

/// What a WebSocket transport tells its session, on the event loop.
protocol WebSocketReceiver: AnyObject {
    /// The server accepted the WebSocket; the engine's handshake or probe comes next.
    func webSocketDidOpen(_ transport: WebSocketTransport)
    func webSocket(_ transport: WebSocketTransport, didReceive packet: EnginePacket)
    /// The WebSocket is over; `error` is nil after ``WebSocketTransport/end()``.
    func webSocket(_ transport: WebSocketTransport, didCloseWith error: EngineClientError?)
}

/// An Engine.IO transport over a WebSocket: one packet is one frame; a binary message is a binary frame without a type.
///
/// `@unchecked Sendable`: its state is touched on `dialer.eventLoop` only; each entry is called by the session or by the channel of that loop.
final class WebSocketTransport: @unchecked Sendable {
    weak var receiver: (any WebSocketReceiver)?

    let dialer: Dialer
    private let limit: Int
    private let revision: EngineRevision
    private let head: HTTPRequestHead
    private let expectedAccept: String
    private var channel: (any Channel)?
    private var isOpen = false
    private var isEnding = false
    private var isOver = false

    init(_ configuration: EngineClient.Configuration, dialer: Dialer, sid: String?) {
        self.dialer = dialer
        limit = configuration.maximumMessageSize
        revision = configuration.revision
        let key = WebSocketKey.random()
        expectedAccept = WebSocketAccept.key(for: key)
        var headers = HTTPHeaders.forRequests(configuration)
        headers.remove(name: "Accept")
        for name in ["Connection", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"] { headers.remove(name: name) }
        headers.add(name: "Connection", value: "Upgrade")
        headers.add(name: "Upgrade", value: "websocket")
        headers.add(name: "Sec-WebSocket-Version", value: "13")
        headers.add(name: "Sec-WebSocket-Key", value: key)
        var target = RequestTarget(configuration)
        head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.next(.webSocket, sid: sid), headers: headers)
    }

    func open() {
        let handler: @Sendable () -> WebSocketUpgradeHandler = { [self] in
            WebSocketUpgradeHandler(transport: self, head: head, expectedAccept: expectedAccept, limit: limit)
        }
        dialer.dial { channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPRequestEncoder(), name: WebSocketUpgradeHandler.encoderName)
            // What follows the server's 101 in the same segment is the WebSocket's.
            let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
            try pipeline.addHandler(decoder, name: WebSocketUpgradeHandler.decoderName)
            try pipeline.addHandler(handler())
        }.whenComplete { [self] result in
            switch result {
            case .success(let channel):
                guard !isOver else { return channel.close(mode: .all, promise: nil) }
                self.channel = channel
            case .failure(let error):
                over(dialer.problem(error))
            }
        }
    }

    /// Writes a packet; it leaves with the next ``flush()``.
    func write(_ packet: EnginePacket) {
        guard isOpen, !isEnding, let channel else { return }
        var frame = channel.allocator.buffer(capacity: packet.payload.readableBytes + 15)
        if packet.isBinary {
            let payload = revision == .three ? Revision3.binary(packet) : packet.payload
            WebSocketFrameEncoder.write(.binary, payload: payload, mask: .random(in: 0...UInt32.max), into: &frame)
        } else {
            var text = channel.allocator.buffer(capacity: packet.payload.readableBytes + 1)
            packet.writeText(into: &text)
            WebSocketFrameEncoder.write(.text, payload: text, mask: .random(in: 0...UInt32.max), into: &frame)
        }
        channel.write(frame, promise: nil)
    }

    func flush() {
        channel?.flush()
    }

    /// Closes as a browser does: a close frame without a code; the connection ends when the server has answered it.
    func end() {
        guard isOpen, !isEnding, let channel else { return abortAndTell() }
        isEnding = true
        writeControl(.close, ByteBuffer(), to: channel)
    }

    /// Drops the connection without a word.
    func abort() {
        isOver = true
        channel?.close(mode: .all, promise: nil)
        channel = nil
    }

    // From the handlers

    func didUpgrade(_ channel: any Channel) {
        guard !isOver else { return }
        self.channel = channel
        isOpen = true
        receiver?.webSocketDidOpen(self)
    }

    func didReceive(_ message: WebSocketMessage) {
        guard !isOver, let channel else { return }
        switch message {
        case .text(let text):
            if !isEnding { receive { revision throws(EnginePacketError) in try revision.packet(text: text) } }
        case .binary(let bytes):
            if !isEnding { receive { revision throws(EnginePacketError) in try revision.packet(binary: bytes) } }
        case .ping(let bytes):
            if !isEnding { writeControl(.pong, bytes, to: channel) }
        case .pong:
            break
        case .close(let code, let reason):
            if !isEnding { writeControl(.close, ByteBuffer(), to: channel) }
            over(isEnding ? nil : .webSocketClosed(code: code, reason: reason))
        }
    }

    private func receive(_ packet: (EngineRevision) throws(EnginePacketError) -> EnginePacket) {
        do throws(EnginePacketError) {
            receiver?.webSocket(self, didReceive: try packet(revision))
        } catch {
            fail(.malformed("\(error)"))
        }
    }

    /// The server's frames cannot be read: say so in the close frame, as RFC 6455 asks.
    func didFailToRead(_ error: WebSocketError) {
        guard !isOver, let channel else { return }
        var payload = ByteBuffer()
        payload.writeInteger(error.closeCode)
        writeControl(.close, payload, to: channel)
        fail(error.closeCode == 1009 ? .tooLarge(limit: limit) : .malformed("\(error)"))
    }

    func fail(_ error: EngineClientError) {
        over(isEnding ? nil : error)
    }

    private func abortAndTell() {
        over(nil)
    }

    private func over(_ error: EngineClientError?) {
        guard !isOver else { return }
        abort()
        receiver?.webSocket(self, didCloseWith: error)
    }

    private func writeControl(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, to channel: any Channel) {
        var frame = channel.allocator.buffer(capacity: payload.readableBytes + 6)
        WebSocketFrameEncoder.write(opcode, payload: payload, mask: .random(in: 0...UInt32.max), into: &frame)
        channel.writeAndFlush(frame, promise: nil)
    }
}
