import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import SocketIOWire
import TestSupport

@testable import EngineIO

/// An engine on a free port that keeps what happens to its connections and answers the message `echo …`.
final class TestEngine: EngineDelegate, Sendable {
    private final class Receiver: EngineReceiver {
        let owner: TestEngine

        init(_ owner: TestEngine) { self.owner = owner }

        func connection(_ connection: EngineConnection, didReceiveText text: ByteBuffer) {
            let text = String(buffer: text)
            owner.note("\(text)")
            if text.hasPrefix("echo") { connection.send(TestEngine.event(text)) }
            if text == "binary" { connection.send(TestEngine.binaryEvent([1, 2])) }
            if text.hasPrefix("large") { connection.send(TestEngine.event(String(repeating: "x", count: 2000)), compress: text == "large") }
            if text.hasPrefix("megabytes ") {
                connection.send(TestEngine.event(String(repeating: "x", count: (Int(text.dropFirst(10)) ?? 0) << 20)))
            }
            if text == "close" { connection.close(reason: .forcedClose, detail: nil) }
            if text == "last words" {
                connection.send(TestEngine.event("bye"))
                connection.close(reason: .forcedClose, detail: nil)
            }
        }

        func connection(_ connection: EngineConnection, didReceiveBinary bytes: ByteBuffer) {
            owner.note("\(Array(bytes.readableBytesView))")
        }
        func connectionDidDrain(_ connection: EngineConnection) {}
        func connection(_ connection: EngineConnection, didCloseWith reason: EngineCloseReason, detail: String?) {
            owner.note("closed: \(reason)" + (detail.map { " (\($0))" } ?? ""))
        }
    }

    private let notes = NIOLockedValueBox<(all: [String], waiting: [(prefix: String, continuation: CheckedContinuation<String, Never>)])>(
        ([], []))
    private let running = NIOLockedValueBox<(engine: Engine, channel: any Channel)?>(nil)
    let connections = NIOLockedValueBox<[EngineConnection]>([])
    private let group: any EventLoopGroup

    /// Runs `body` with a connection's way to an engine with these options.
    static func run(
        _ change: (inout EngineOptions) -> Void = { _ in }, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ body: (TestEngine) async throws -> Void
    ) async throws {
        var options = EngineOptions()
        change(&options)
        let test = TestEngine(group: group)
        let engine = Engine(options: options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, delegate: test)
        let channel = try await engine.listen(host: "127.0.0.1", port: 0, group: group)
        test.running.withLockedValue { $0 = (engine, channel) }
        try await body(test)
        await engine.shutdown()
        try await channel.close()
    }

    private init(group: any EventLoopGroup) { self.group = group }

    var engine: Engine? { running.withLockedValue { $0?.engine } }
    var port: Int { running.withLockedValue { $0?.channel.localAddress?.port } ?? 0 }

    func connect() async throws -> RawConnection { try await RawConnection(port: port) }

    func engine(_ engine: Engine, didOpen connection: EngineConnection) {
        connections.withLockedValue { $0.append(connection) }
        note("opened")
        connection.receiver = Receiver(self)
    }

    /// A polling handshake; returns the target of further requests.
    func handshake(_ connection: RawConnection) async throws -> String {
        try await connection.request("GET", "/socket.io/?EIO=4&transport=polling")
        let body = try await connection.response().body
        let sid = try JSONValue(parsing: String(body.dropFirst()))["sid"]?.stringValue ?? ""
        return "/socket.io/?EIO=4&transport=polling&sid=\(sid)"
    }

    static func event(_ text: String) -> OutgoingMessage {
        SocketPacketEncoder.encodeEvent(namespace: "/", name: "e", arguments: JSONArguments([.string(text)]))
    }

    /// Waits until so many connections have been opened.
    func opened(_ count: Int) async throws {
        for _ in 0..<count { _ = try await noted("opened") }
    }

    /// Waits until the newest session's poll has come and hangs.
    func pollHangs() async throws {
        guard let connection = connections.withLockedValue({ $0.last }) else { return }
        try await eventually("a poll hangs") { try await connection.eventLoop.submit { connection.state.isPollHanging }.get() }
    }

    /// Waits until no session is left.
    func forgotten() async throws {
        try await eventually("no session is left") { self.engine?.connectionCount == 0 }
    }

    static func binaryEvent(_ bytes: [UInt8]) -> OutgoingMessage {
        SocketPacketEncoder.encodeEvent(namespace: "/", name: "b", arguments: JSONArguments([.binary(ByteBuffer(bytes: bytes))]))
    }

    private func note(_ text: String) {
        let ready = notes.withLockedValue { notes -> CheckedContinuation<String, Never>? in
            if let index = notes.waiting.firstIndex(where: { text.hasPrefix($0.prefix) }) {
                return notes.waiting.remove(at: index).continuation
            }
            notes.all.append(text)
            return nil
        }
        ready?.resume(returning: text)
    }

    /// The next thing of this kind that happens, or has happened, to a connection.
    func noted(_ prefix: String) async throws -> String {
        try await withDeadline("'\(prefix)'; noted: \(self.notes.withLockedValue { $0.all })") { [notes] in
            await withCheckedContinuation { continuation in
                let text = notes.withLockedValue { notes -> String? in
                    if let index = notes.all.firstIndex(where: { $0.hasPrefix(prefix) }) { return notes.all.remove(at: index) }
                    notes.waiting.append((prefix, continuation))
                    return nil
                }
                if let text { continuation.resume(returning: text) }
            }
        }
    }
}
