import NIOCore
import SocketIOWire
import Testing

@testable import SocketIOClient

@Suite("Polling")
struct PollingStateTests {
    @Test("has one GET out at a time, and the next after it")
    func gets() {
        var state = PollingState()
        #expect(state.poll() == .get)
        #expect(state.poll() == .none)
        #expect(state.getEnded() == .get)
    }

    @Test("has one POST out at a time")
    func posts() {
        var state = PollingState()
        #expect(state.mayPost)
        state.postStarted()
        #expect(!state.mayPost)
        #expect(state.postEnded() == .write)
        #expect(state.mayPost)
    }

    @Test("is paused when both have ended, in either order")
    func pause() {
        for getFirst in [true, false] {
            var state = PollingState()
            _ = state.poll()
            state.postStarted()
            #expect(state.pause() == .none)
            #expect(!state.mayPost)
            #expect((getFirst ? state.getEnded() : state.postEnded()) == .none)
            #expect((getFirst ? state.postEnded() : state.getEnded()) == .paused)
            #expect(state.poll() == .none)
        }
    }

    @Test("is paused at once when nothing is out")
    func pauseIdle() {
        var state = PollingState()
        #expect(state.pause() == .paused)
        #expect(state.pause() == .none)
    }

    @Test("goes on after an upgrade that failed")
    func resume() {
        var state = PollingState()
        _ = state.poll()
        _ = state.pause()
        #expect(state.resume() == .none, "the GET is still out")
        #expect(state.getEnded() == .get)
        _ = state.pause()
        #expect(state.getEnded() == .paused)
        #expect(state.resume() == .get)
    }

    @Test("ends with its last requests")
    func end() {
        var state = PollingState()
        _ = state.poll()
        state.end()
        #expect(state.mayPost)
        state.postStarted()
        #expect(state.postEnded() == .none)
        #expect(!state.isIdle)
        #expect(state.getEnded() == .none)
        #expect(state.isIdle)
    }

    @Test("posts no more packets at once than maxPayload takes, but always one")
    func sizes() {
        func taken(_ sizes: [Int], limit: Int?) -> Int {
            var size = PostSize(limit: limit)
            return sizes.prefix { size.take($0) }.count
        }
        #expect(taken([5, 5, 5], limit: nil) == 3)
        // Two packets and the separator between them.
        #expect(taken([5, 5, 5], limit: 11) == 2)
        #expect(taken([5, 5, 5], limit: 10) == 1)
        #expect(taken([50, 5], limit: 10) == 1)
        #expect(taken([5, 50, 5], limit: 20) == 1)
    }

    @Test("counts the bytes that a packet has in a body")
    func encodedSizes() {
        var packets = [EnginePacket(.message, ByteBuffer(string: "grüße 👋"))]
        for count in 0..<7 { packets.append(EnginePacket(binary: ByteBuffer(repeating: 7, count: count))) }
        for packet in packets { #expect(PostSize.encodedSize(of: packet) == EnginePayload.encode([packet]).readableBytes) }
        let sum = packets.map(PostSize.encodedSize).reduce(0, +)
        #expect(sum + packets.count - 1 == EnginePayload.encode(packets).readableBytes)
    }
}
