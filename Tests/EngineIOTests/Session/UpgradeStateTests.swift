import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

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
