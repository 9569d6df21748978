import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

@Suite("A heartbeat")
struct HeartbeatTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func heartbeat() -> Heartbeat { Heartbeat(interval: .seconds(25), timeout: .seconds(20), now: start) }

    @Test("pings after its interval, once")
    func ping() {
        var heartbeat = heartbeat()
        #expect(heartbeat.tick(start + .seconds(24)) == .none)
        #expect(heartbeat.tick(start + .seconds(25)) == .ping)
        #expect(heartbeat.tick(start + .seconds(26)) == .none)
    }

    @Test("times out when no pong came, counted from when the ping was queued")
    func timeOut() {
        var heartbeat = heartbeat()
        #expect(heartbeat.tick(start + .seconds(30)) == .ping)
        #expect(heartbeat.tick(start + .seconds(49)) == .none)
        #expect(heartbeat.tick(start + .seconds(50)) == .timeOut)
    }

    @Test("rests again after a pong, also after one that nobody asked for")
    func pong() {
        var heartbeat = heartbeat()
        heartbeat.pong(start + .seconds(20))
        #expect(heartbeat.tick(start + .seconds(44)) == .none)
        #expect(heartbeat.tick(start + .seconds(45)) == .ping)
        heartbeat.pong(start + .seconds(46))
        #expect(heartbeat.tick(start + .seconds(70)) == .none)
        #expect(heartbeat.tick(start + .seconds(71)) == .ping)
    }
}

@Suite("An upgrade")
struct UpgradeStateTests {
    private func state() -> UpgradeState { UpgradeState(deadline: .now()) }

    @Test("goes by probe and completion")
    func regular() {
        var state = state()
        #expect(state.received(EnginePacket(.ping, ByteBuffer(string: "probe"))) == .answerProbe)
        #expect(state.hasProbed)
        #expect(state.received(EnginePacket(.upgrade)) == .complete)
    }

    @Test("is completed without a probe too")
    func withoutProbe() {
        var state = state()
        #expect(state.received(EnginePacket(.upgrade)) == .complete)
    }

    @Test("is abandoned at anything else")
    func abandoned() {
        for packet in [EnginePacket(.message), EnginePacket(.ping), EnginePacket(.close), EnginePacket(binary: ByteBuffer())] {
            var state = state()
            #expect(state.received(packet) == .abandon)
        }
    }
}

@Suite("A write queue")
struct WriteQueueTests {
    @Test("makes one polling body of all that waits, a message and its attachments together")
    func body() {
        var queue = WriteQueue()
        let arguments = JSONArguments(["text", .binary(ByteBuffer(bytes: [1, 2, 3]))])
        queue.append(.packet(.ping, ByteBuffer()))
        queue.append(.message(SocketPacketEncoder.encodeEvent(namespace: "/", name: "e", arguments: arguments)))
        queue.append(.message(SocketPacketEncoder.encodeEvent(namespace: "/n", name: "f", arguments: JSONArguments())))
        #expect(queue.bytes > 0)
        let body = String(buffer: queue.takeBody())
        #expect(body == "2\u{1e}451-[\"e\",\"text\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQID\u{1e}42/n,[\"f\"]")
        #expect(queue.isEmpty)
        #expect(queue.bytes == 0)
    }
}
