import DequeModule
import NIOCore
import NIOHTTP1
import SocketIOWire

/// What a polling transport tells its session, on the event loop.
protocol PollingReceiver: AnyObject {
    func polling(_ transport: PollingTransport, didReceive packets: [EnginePacket], error: EnginePacketError?)
    /// The POST is free again.
    func pollingMayWrite(_ transport: PollingTransport)
    func pollingDidPause(_ transport: PollingTransport)
    func polling(_ transport: PollingTransport, didFailWith error: EngineClientError)
    /// After ``PollingTransport/end()``: both requests are over.
    func pollingDidEnd(_ transport: PollingTransport)
}

/// Long-polling over two keep-alive connections: one for the GET that waits, one for POSTs.
///
/// `@unchecked Sendable`: its state is touched on its event loop only; `HTTPLane`, through which everything goes, checks that.
final class PollingTransport: @unchecked Sendable {
    weak var receiver: (any PollingReceiver)?
    var sid: String?
    var maxPayload: Int?

    private let revision: EngineRevision
    private var state = PollingState()
    private var target: RequestTarget
    private let headers: HTTPHeaders
    private let getting: HTTPLane
    private let posting: HTTPLane
    private var isEnding = false
    private var isOver = false

    init(_ configuration: EngineClient.Configuration, dialer: Dialer) {
        revision = configuration.revision
        target = RequestTarget(configuration)
        headers = HTTPHeaders.forRequests(configuration)
        getting = HTTPLane(dialer, limit: configuration.maximumMessageSize)
        posting = HTTPLane(dialer, limit: configuration.maximumMessageSize)
    }

    var mayWrite: Bool { state.mayPost && !isOver && sid != nil }
    var isPosting: Bool { state.isPosting }

    /// Starts the handshake's GET, or the next one.
    func poll() {
        perform(state.poll())
    }

    func pause() {
        perform(state.pause())
    }

    func resume() {
        perform(state.resume())
    }

    /// Sends as many of the packets as one POST takes. Call it only if ``mayWrite``.
    func write(_ packets: inout Deque<EnginePacket>) {
        guard mayWrite else { return }
        var size = PostSize(limit: maxPayload)
        var batch: [EnginePacket] = []
        while let packet = packets.first, size.take(PostSize.encodedSize(of: packet)) {
            batch.append(packet)
            packets.removeFirst()
        }
        if !batch.isEmpty { post(batch) }
    }

    /// Says goodbye: a close packet in a POST. The GET that is out is left to the server to answer, as an aborted one is an error to it.
    func end() {
        isEnding = true
        guard state.mayPost, sid != nil else { return finishEnding() }
        state.end()
        post([EnginePacket(.close)])
    }

    /// Drops both connections.
    func abort() {
        isOver = true
        state.abort()
        getting.close()
        posting.close()
    }

    private func perform(_ action: PollingState.Action) {
        switch action {
        case .none: if isEnding, state.isIdle { finishEnding() }
        case .get: get()
        case .write: receiver?.pollingMayWrite(self)
        case .paused: receiver?.pollingDidPause(self)
        }
    }

    private func finishEnding() {
        guard !isOver else { return }
        abort()
        receiver?.pollingDidEnd(self)
    }

    private func get() {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.next(.polling, sid: sid), headers: headers)
        getting.send(head) { [self] result in
            guard let answer = accept(result) else { return }
            let isBinary = answer.head.headers.first(name: "content-type") == "application/octet-stream"
            let (packets, error) = revision.packets(of: answer.body, isBinary: isBinary)
            // While the session ends, what still comes is of no interest.
            if !isEnding { receiver?.polling(self, didReceive: packets, error: error) }
            if !isOver { perform(state.getEnded()) }
        }
    }

    private func post(_ packets: [EnginePacket]) {
        state.postStarted()
        let (body, isBinary) = revision.body(of: packets)
        var headers = headers
        headers.add(name: "Content-Type", value: isBinary ? "application/octet-stream" : "text/plain;charset=UTF-8")
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: target.next(.polling, sid: sid), headers: headers)
        posting.send(head, body: body) { [self] result in
            guard accept(result) != nil, !isOver else { return }
            perform(state.postEnded())
        }
    }

    private func accept(_ result: Result<HTTPAnswer, EngineClientError>) -> HTTPAnswer? {
        guard !isOver else { return nil }
        switch result {
        case .success(let answer) where answer.status == 200:
            return answer
        case .success(let answer):
            fail(ErrorBody.error(of: answer))
        case .failure(let error):
            fail(error)
        }
        return nil
    }

    private func fail(_ error: EngineClientError) {
        if isEnding { return finishEnding() }
        abort()
        receiver?.polling(self, didFailWith: error)
    }
}
