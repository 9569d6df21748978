import Foundation
import NIOConcurrencyHelpers
import NIOCore
import SocketIO
import SocketIOClient
import SocketIOWire
import Tape
import TestSupport
import Testing

@testable import Tapedeck

@Suite("A recorded server")
struct RecordedServerTests {
    /// Serves with a recorder, then asks the tape.
    private func record(
        _ configure: (inout SocketIOServer.Options) -> Void = { _ in },
        _ body: (_ io: SocketIOServer, _ url: String) async throws -> Void
    ) async throws -> TapeReader {
        let path = try TestPlaces.temporaryFolder().appending(path: "server.tape").path
        let recorder = try Recorder(path: path, run: TapeRun(kind: .embedded))
        var options = SocketIOServer.Options()
        options.tap = recorder
        configure(&options)
        let io = SocketIOServer(options)
        let address = try await io.start(port: 0)
        try await body(io, "http://127.0.0.1:\(address.port ?? 0)")
        await io.shutdown()
        try await recorder.close()
        return try TapeReader(path: path)
    }

    private func rows(_ reader: TapeReader, _ sql: String) async throws -> [String] {
        try await reader.query(sql).rows.map { row in
            row.map { value in
                switch value {
                case .null: "-"
                case .integer(let number): "\(number)"
                case .real(let number): "\(number)"
                case .text(let text): text
                case .blob(let bytes): "\(bytes.count) bytes"
                }
            }.joined(separator: "|")
        }
    }

    @Test("joins an ack to its event also when the connection changed its transport in between, in both directions")
    func acksAcrossUpgrade() async throws {
        let reader = try await record { io, url in
            let answer = Held<Ack<String>>()
            io.onConnection { socket in
                socket.on("slow") { (ack: Ack<String>) in answer.put(ack) }
                socket.on("sync") { () -> Bool in true }
                socket.on("ask me") { () -> String in
                    let reply = try await socket.emitWithAck("question", as: String.self)
                    socket.emit("heard", reply)
                    return reply
                }
            }
            var configuration = try EngineClient.Configuration(url: url)
            configuration.upgrade = .manual
            let client = SocketIOClient(configuration)
            let socket = client.socket("/")
            let question = Held<ClientAck>()
            let heard = Held<Void>()
            socket.onRaw("question") { _, ack in if let ack { question.put(ack) } }
            socket.onRaw("heard") { _, _ in heard.put(()) }
            socket.connect()
            try await socket.waitUntilConnected()

            async let slow = socket.emitWithAck("slow", arguments: JSONArguments([]))
            async let asked = socket.emitWithAck("ask me", arguments: JSONArguments([]))
            let (toServer, toClient) = (try await answer.next(), try await question.next())
            // Both questions went over polling; both answers go over WebSocket.
            try await client.upgrade()
            // What comes over WebSocket has come after the upgrade's last packet.
            _ = try await socket.emitWithAck("sync", arguments: JSONArguments([]))
            toServer("done")
            toClient(JSONArguments(["fine"]))
            _ = try await (slow, asked)
            try await heard.next()
            client.close()
        }
        #expect(
            try await rows(reader, "SELECT event, direction, status, latency_ms >= 0 FROM acks WHERE event <> 'sync' ORDER BY event")
                == ["ask me|in|acked|1", "question|out|acked|1", "slow|in|acked|1"])
        #expect(
            try await rows(
                reader,
                """
                SELECT count(*) FROM acks a JOIN sessions s ON s.id = a.session_id JOIN connections c ON c.id = s.connection_id
                WHERE c.transport = 'websocket' AND a.requested_at < c.upgraded_at AND a.acked_at > c.upgraded_at
                """) == ["3"])
        #expect(
            try await rows(
                reader,
                "SELECT q.type, r.type, r.data FROM acks a JOIN packets q ON q.id = a.request_id JOIN packets r ON r.id = a.response_id WHERE a.event = 'question'"
            )
                == [#"event|ack|["fine"]"#])
    }

    @Test("links a recovered session to the one before, and keeps the offset out of the arguments")
    func recovery() async throws {
        let reader = try await record {
            $0.connectionStateRecovery = ConnectionStateRecovery()
        } _: { io, url in
            let texts = Held<String>()
            func open() async throws -> EngineClient {
                var configuration = try EngineClient.Configuration(url: url)
                configuration.transports = [.webSocket]
                let client = EngineClient(configuration) { event in
                    if case .text(let text) = event { texts.put(String(buffer: text)) }
                }
                _ = try await client.open()
                return client
            }
            let gone = Held<Void>()
            io.onConnection { socket in
                if !socket.recovered { socket.emit("hello", 1) }
                socket.onDisconnect { _ in gone.put(()) }
            }
            let first = try await open()
            first.send(ByteBuffer(string: "0"))
            let connected = try JSONValue(parsing: String(try await texts.next().dropFirst()))
            let pid = try #require(connected["pid"]?.stringValue)
            let hello = try JSONValue(parsing: String(try await texts.next().dropFirst()))
            let offset = try #require(hello[2]?.stringValue)
            first.abort()
            try await gone.next()
            io.emit("missed", "while away")
            let second = try await open()
            second.send(ByteBuffer(string: #"0{"pid":"\#(pid)","offset":"\#(offset)"}"#))
            let answers = [try await texts.next(), try await texts.next()]
            #expect(answers.contains { $0.contains("missed") })
            second.close()
        }
        let sessions = try await rows(reader, "SELECT recovered, recovered_from = (SELECT min(id) FROM sessions) FROM sessions ORDER BY id")
        #expect(sessions == ["0|-", "1|1"])
        #expect(try await rows(reader, "SELECT count(DISTINCT sid) FROM sessions") == ["1"])
        #expect(
            try await rows(reader, "SELECT event, args FROM events WHERE direction = 'out' ORDER BY packet_id") == [
                "hello|[1]", #"missed|["while away"]"#,
            ])
        #expect(try await rows(reader, "SELECT count(*), count(DISTINCT recovery_offset) FROM packets WHERE event IS NOT NULL") == ["2|2"])
    }
}

/// Hands values from handlers to a test, in order.
private final class Held<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func put(_ value: Value) { continuation.yield(value) }

    @discardableResult
    func next() async throws -> Value {
        try await withDeadline("a value") {
            for await value in self.stream { return value }
            throw CancellationError()
        }
    }
}
