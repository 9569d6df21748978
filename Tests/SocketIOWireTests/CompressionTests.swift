import NIOCore
import Testing

@testable import SocketIOWire

@Suite("Deflate")
struct CompressionTests {
    @Test("gives back what went in, in each format", arguments: [Compression.Format.raw, .zlib, .gzip], [0, 1, 1000, 300_000])
    func roundTrip(format: Compression.Format, count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let plain = ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0..<20, using: &generator) })
        let small = try #require(Compression.deflate(plain, as: format))
        #expect(try Compression.inflate(small, as: format, limit: count) == plain)
        if count > 0 { #expect(throws: Compression.Failure.tooLarge) { try Compression.inflate(small, as: format, limit: count - 1) } }
    }

    @Test("of messages stands alone: each is inflated without the one before", arguments: [0, 5, 70_000])
    func messages(count: Int) throws {
        for byte in [UInt8(ascii: "a"), UInt8(ascii: "b")] {
            let plain = ByteBuffer(repeating: byte, count: count)
            let small = try #require(Compression.deflateMessage(plain))
            #expect(try Compression.inflateMessage(small, limit: count) == plain)
        }
    }

    @Test("that is damaged or cut is said to be")
    func damaged() throws {
        let small = try #require(Compression.deflate(ByteBuffer(repeating: 1, count: 10_000), as: .gzip))
        for cut in [ByteBuffer(bytes: [1, 2, 3]), small.getSlice(at: small.readerIndex + 5, length: 10) ?? ByteBuffer()] {
            #expect(throws: Compression.Failure.damaged) { try Compression.inflate(cut, as: .gzip, limit: 100_000) }
        }
    }

    @Test(
        "is agreed on for WebSocket without context takeover; an offer that cannot be met is passed over",
        arguments: [
            ("permessage-deflate", true), ("permessage-deflate; client_max_window_bits", true),
            ("permessage-deflate; server_max_window_bits=10", false),
            ("permessage-deflate; server_max_window_bits=10, permessage-deflate", true),
            ("permessage-deflate;server_no_context_takeover;client_max_window_bits=\"12\"", true),
            ("permessage-deflate; unheard_of", false),
            ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", false), ("x-webkit-deflate-frame", false),
            ("", false),
        ])
    func negotiation(offer: String, isAgreed: Bool) {
        #expect((PerMessageDeflate.answer(to: offer) != nil) == isAgreed)
    }

    @Test("of frames is inflated over fragments, and reserved bits are refused where they may not be")
    func frames() throws {
        let plain = ByteBuffer(string: String(repeating: "hello ", count: 300))
        let small = try #require(Compression.deflateMessage(plain))
        let half = small.readableBytes / 2
        var bytes = ByteBuffer()
        WebSocketFrameEncoder.write(
            .text, payload: try #require(small.getSlice(at: small.readerIndex, length: half)), isFinal: false, isCompressed: true, mask: 7,
            into: &bytes)
        WebSocketFrameEncoder.write(
            .continuation, payload: try #require(small.getSlice(at: small.readerIndex + half, length: small.readableBytes - half)), mask: 9,
            into: &bytes)
        var decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: 10_000, inflates: true)
        decoder.append(bytes)
        #expect(try decoder.next() == .text(plain))
        for (opcode, inflates) in [(WebSocketOpcode.continuation, true), (.ping, true), (.text, false)] {
            var bad = ByteBuffer()
            WebSocketFrameEncoder.write(opcode, payload: ByteBuffer(), isCompressed: true, mask: 1, into: &bad)
            var decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: 10_000, inflates: inflates)
            decoder.append(bad)
            #expect(throws: WebSocketError.reservedBits) { try decoder.next() }
        }
    }
}
