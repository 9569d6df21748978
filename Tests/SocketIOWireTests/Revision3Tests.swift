import NIOCore
import Testing

@testable import SocketIOWire

/// Rows H2 to H5 of the behaviour notes, and trap 26.
@Suite("Payloads of Engine.IO 3")
struct Revision3Tests {
    private let packets = [
        EnginePacket(.message, ByteBuffer(string: "héllo 😀")), EnginePacket(binary: ByteBuffer(bytes: [1, 2, 3])), EnginePacket(.noop),
    ]

    @Test("as text count UTF-16 units and take bytes as base64")
    func text() {
        let body = Revision3.encodeText(packets)
        #expect(String(buffer: body) == "9:4héllo 😀6:b4AQID1:6")
        let (back, error) = EngineRevision.three.packets(of: body, isBinary: false)
        #expect(back == packets && error == nil)
    }

    @Test("as bytes give the length in digits of one byte each")
    func binary() {
        let body = Revision3.encodeBinary([
            EnginePacket(.message, ByteBuffer(string: "é")), EnginePacket(binary: ByteBuffer(bytes: [1, 2])),
        ])
        #expect(Array(body.readableBytesView) == [0, 3, 0xff, 0x34, 0xc3, 0xa9, 1, 3, 0xff, 4, 1, 2])
        let (back, error) = EngineRevision.three.packets(of: body, isBinary: true)
        #expect(
            back == [EnginePacket(.message, ByteBuffer(string: "é")), EnginePacket(binary: ByteBuffer(bytes: [1, 2]))] && error == nil)
    }

    @Test(
        "with a wrong length give the packets before it, and the error",
        arguments: ["2:4a9:4b", "2:4a2:4😀", "2:4aa:4", "2:4a9999999999:x", "2:4a:", "2:4a1:9"])
    func wrongLength(body: String) {
        let (packets, error) = EngineRevision.three.packets(of: ByteBuffer(string: body), isBinary: false)
        #expect(packets == [EnginePacket(.message, ByteBuffer(string: "a"))])
        #expect(error != nil)
    }

    @Test("survive damage: no input crashes or hangs")
    func fuzz() {
        var generator = SeededGenerator(seed: 3)
        for base in [Revision3.encodeText(packets), Revision3.encodeBinary(packets)] {
            for _ in 0..<3000 {
                var bytes = Array(base.readableBytesView)
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                }
                for isBinary in [true, false] { _ = EngineRevision.three.packets(of: ByteBuffer(bytes: bytes), isBinary: isBinary) }
            }
        }
    }
}
