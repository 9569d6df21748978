import NIOCore
import SocketIOWire
import Synchronization

/// The sending side of a WebSocket, as the session uses it. Confined to the session's loop, which need not be the channel's.
///
/// Sendable by hand: only the session touches it, on its loop; the channel's side is reached by hopping.
final class WebSocketTransport: @unchecked Sendable {
    private let channel: any Channel
    private let handler: WebSocketHandler
    /// Whether session and channel share a loop, so that nothing has to hop.
    let isLocal: Bool
    private let form: ClientForm
    /// Set if permessage-deflate was agreed on.
    private let deflateThreshold: Int?
    /// Whether a frame that was made for all goes to this client too.
    private let takesCommonFrames: Bool
    /// A single frame goes out as it is, shared with the other receivers of a broadcast; more are put into one buffer.
    private var single: ByteBuffer?
    private var gathered = ByteBuffer()

    init(
        channel: any Channel, handler: WebSocketHandler, sessionLoop: any EventLoop, form: ClientForm, deflateThreshold: Int?
    ) {
        self.form = form
        self.deflateThreshold = deflateThreshold
        takesCommonFrames = form.isCommon && deflateThreshold == nil
        self.channel = channel
        self.handler = handler
        isLocal = channel.eventLoop === sessionLoop
    }

    /// Whether the network takes more at once.
    var isWritable: Bool { channel.isWritable }

    /// Bytes that have not left: those held here, and those that the channel could not hand to the network.
    var waitingBytes: Int { heldBytes + unsentBytes.load(ordering: .relaxed) }
    private var heldBytes: Int { (single?.readableBytes ?? 0) + gathered.readableBytes }
    /// Told by the channel's side whenever it writes or the network takes more.
    let unsentBytes = Atomic<Int>(0)

    func append(_ entry: WriteQueue.Entry) {
        if takesCommonFrames, case .message(let message, _) = entry, message.attachments.isEmpty, single == nil, gathered.readableBytes == 0
        {
            single = message.frame
            return
        }
        if let first = single {
            single = nil
            gathered.writeImmutableBuffer(first)
        }
        if takesCommonFrames { entry.write(into: &gathered) } else { write(entry) }
    }

    /// Writes frames for this client alone.
    private func write(_ entry: WriteQueue.Entry) {
        if form.isCommon, let deflateThreshold, case .message(let message, _) = entry {
            for frame in message.deflatedFrames(threshold: deflateThreshold) { gathered.writeImmutableBuffer(frame) }
        } else {
            for packet in entry.packets { form.write(packet, into: &gathered) }
        }
    }

    /// Hands what waits to the network, unless the network is full; then it stays until ``WebSocketHandler`` reports room.
    /// - Returns: how many bytes were handed over.
    @discardableResult
    func flush() -> Int {
        guard heldBytes > 0, channel.isWritable else { return 0 }
        let bytes: ByteBuffer
        if let first = single {
            bytes = first
            single = nil
        } else {
            bytes = gathered
            gathered = ByteBuffer()
        }
        perform { $0.write(bytes) }
        return bytes.readableBytes
    }

    /// Sends what waits, then a close frame, and closes the channel once the client has answered it.
    func close(code: UInt16? = nil) {
        let rest = single ?? gathered
        single = nil
        gathered = ByteBuffer()
        perform { handler in
            if rest.readableBytes > 0 { handler.write(rest) }
            handler.close(code: code)
        }
    }

    /// Cuts the channel without a word.
    func abort() {
        perform { $0.abort() }
    }

    private func perform(_ body: @escaping @Sendable (WebSocketHandler) -> Void) {
        if isLocal {
            body(handler)
        } else {
            channel.eventLoop.execute { [handler] in body(handler) }
        }
    }
}
