// Stands in for the engine until it lands: WebSocket only, no heartbeat, no limits. Delete this file with the first commit of the real one.

import Atomics
public import HTTPTypes
package import Logging
import NIOConcurrencyHelpers
package import NIOCore
import NIOPosix
package import SocketIOWire

public enum TransportKind: String, Sendable, CaseIterable { case polling, webSocket = "websocket" }
public struct EngineOptions: Sendable {
    public var path = "/socket.io/"
    public var pingInterval: Duration = .seconds(25)
    public var pingTimeout: Duration = .seconds(20)
    public var upgradeTimeout: Duration = .seconds(10)
    public var maxHTTPBufferSize = 1_000_000
    public var transports: Set<TransportKind> = Set(TransportKind.allCases)
    public var allowUpgrades = true
    public init() {}
}
public struct EngineRequest: Sendable {
    public var method: String
    public var path: String
    public var query: [(name: String, value: String)]
    public var headers: HTTPFields
    public var remoteAddress: String?
    public var isSecure: Bool
}
public enum EngineCloseReason: String, Sendable {
    case transportError = "transport error", transportClose = "transport close", forcedClose = "forced close", pingTimeout = "ping timeout"
    case parseError = "parse error", serverShuttingDown = "server shutting down"
}
private let numbers = ManagedAtomic<UInt64>(0)
public final class Engine: Sendable {
    let delegate: any EngineDelegate
    let observer: (any EngineObserver)?
    let open = NIOLockedValueBox<[UInt64: EngineConnection]>([:])
    package init(options: EngineOptions, logger: Logger, delegate: any EngineDelegate, observer: (any EngineObserver)?) {
        self.delegate = delegate
        self.observer = observer
    }
    public var connectionCount: Int { open.withLockedValue { $0.count } }
    package func shutdown() async {
        for c in open.withLockedValue({ Array($0.values) }) {
            try? await c.eventLoop.submit { c.close(reason: .serverShuttingDown, detail: nil) }.get()
        }
    }
    package func listen(host: String, port: Int, group: any EventLoopGroup) async throws -> any Channel {
        try await ServerBootstrap(group: group).serverChannelOption(.socketOption(.so_reuseaddr), value: 1).serverChannelOption(
            .backlog, value: 1024
        )
        .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(StubHandler(self)) }
        }
        .bind(host: host, port: port).get()
    }
}
package protocol EngineDelegate: AnyObject, Sendable { func engine(_ engine: Engine, didOpen connection: EngineConnection) }
package protocol EngineReceiver: AnyObject {
    func connection(_ c: EngineConnection, didReceiveText: ByteBuffer)
    func connection(_ c: EngineConnection, didReceiveBinary: ByteBuffer)
    func connectionDidDrain(_ c: EngineConnection)
    func connection(_ c: EngineConnection, didCloseWith: EngineCloseReason, detail: String?)
}
public final class EngineConnection: @unchecked Sendable {
    package let id = "secret-sid-0123456789", number: UInt64, eventLoop: any EventLoop, protocolVersion = 4, request: EngineRequest
    package var transport: TransportKind { .webSocket }
    package var bufferedBytes: Int { 0 }
    package var isWritable: Bool { context?.channel.isWritable ?? false }
    package var receiver: (any EngineReceiver)?
    var context: ChannelHandlerContext?
    let engine: Engine
    var dirty = false
    package func send(_ message: OutgoingMessage) {
        guard let context else { return }
        context.write(NIOAny(message.frame), promise: nil)
        for a in message.attachmentFrames { context.write(NIOAny(a), promise: nil) }
        cork()
    }
    func cork() {
        if !dirty {
            dirty = true;
            eventLoop.execute {
                self.dirty = false; self.context?.flush()
            }
        }
    }
    package func close(reason: EngineCloseReason, detail: String?) {
        guard let context else { return }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: [0x88, 0])), promise: nil)
        closed(reason, detail)
        context.close(promise: nil)
    }
    func closed(_ reason: EngineCloseReason, _ detail: String?) {
        guard context != nil else { return }
        context = nil
        engine.open.withLockedValue { $0[number] = nil }
        let r = receiver; receiver = nil
        r?.connection(self, didCloseWith: reason, detail: detail)
        engine.observer?.closed(self, reason: reason, detail: detail, bytesIn: 0, bytesOut: 0, at: .now())
    }
    init(e: any EventLoop, r: EngineRequest, context: ChannelHandlerContext, engine: Engine) {
        number = numbers.wrappingIncrementThenLoad(ordering: .relaxed)
        eventLoop = e; request = r; self.context = context; self.engine = engine
    }
}
package enum EngineDirection: Sendable { case incoming, outgoing }
package protocol EngineObserver: Sendable {
    func connectionOpened(_ connection: EngineConnection, at: NIODeadline)
    func enginePacket(
        _ connection: EngineConnection, direction: EngineDirection, type: EnginePacketType, payload: ByteBuffer?, at: NIODeadline)
    func upgraded(_ connection: EngineConnection, at: NIODeadline)
    func closed(
        _ connection: EngineConnection, reason: EngineCloseReason, detail: String?, bytesIn: UInt64, bytesOut: UInt64, at: NIODeadline)
}
final class StubHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let engine: Engine
    var head = ByteBuffer()
    var connection: EngineConnection?
    var frames = WebSocketFrameDecoder(role: .server, maxMessageSize: 1_000_000)
    init(_ e: Engine) { engine = e }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if connection == nil {
            head.writeImmutableBuffer(bytes)
            let text = String(buffer: head)
            guard text.contains("\r\n\r\n") else { return }
            let lines = text.split(separator: "\r\n")
            var key = ""
            var fields = HTTPFields()
            for l in lines.dropFirst() {
                let p = l.split(separator: ":", maxSplits: 1);
                if p[0].lowercased() == "sec-websocket-key" { key = p[1].trimmingPrefix(" ").description }
                if let n = HTTPField.Name(String(p[0])) { fields[n] = p[1].trimmingPrefix(" ").description }
            }
            let target = String(lines[0].split(separator: " ")[1])
            var q: [(name: String, value: String)] = []
            if let query = target.split(separator: "?").last {
                for p in query.split(separator: "&") {
                    let kv = p.split(separator: "="); q.append((name: String(kv[0]), value: String(kv[kv.count - 1])))
                }
            }
            let answer =
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(WebSocketAccept.key(for: key))\r\n\r\n"
            context.write(NIOAny(ByteBuffer(string: answer)), promise: nil)
            let c = EngineConnection(
                e: context.eventLoop,
                r: EngineRequest(
                    method: "GET", path: "/socket.io/", query: q, headers: fields, remoteAddress: context.remoteAddress?.ipAddress,
                    isSecure: false), context: context, engine: engine)
            connection = c
            let open = "0{\"sid\":\"\(c.id)\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"
            var f = ByteBuffer(bytes: [0x81])
            f.writeInteger(UInt8(open.utf8.count)); f.writeString(open)
            context.writeAndFlush(NIOAny(f), promise: nil)
            engine.open.withLockedValue { $0[c.number] = c }
            engine.observer?.connectionOpened(c, at: .now())
            engine.observer?.enginePacket(
                c, direction: .outgoing, type: .open, payload: ByteBuffer(substring: open.dropFirst()), at: .now())
            engine.delegate.engine(engine, didOpen: c)
            return
        }
        frames.append(bytes)
        do {
            while let m = try frames.next(), let c = connection {
                switch m {
                case .text(var t):
                    if t.readableBytes > 0, t.getInteger(at: t.readerIndex, as: UInt8.self) == UInt8(ascii: "4") {
                        t.moveReaderIndex(forwardBy: 1); c.receiver?.connection(c, didReceiveText: t)
                    }
                case .binary(let b): c.receiver?.connection(c, didReceiveBinary: b)
                case .close: c.close(reason: .transportClose, detail: nil)
                default: break
                }
            }
        } catch { connection?.close(reason: .transportError, detail: "\(error)") }
    }
    func channelInactive(context: ChannelHandlerContext) { connection?.closed(.transportClose, nil); connection = nil }
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection?.closed(.transportError, "\(error)"); context.close(promise: nil)
    }
}
