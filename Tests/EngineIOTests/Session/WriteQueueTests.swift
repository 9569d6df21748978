import NIOCore
import SocketIOWire
import Testing

@testable import EngineIO

@Suite("A write queue")
struct WriteQueueTests {
    @Test("makes one polling body of all that waits, a message and its attachments together")
    func body() {
        var queue = WriteQueue()
        let arguments = JSONArguments(["text", .binary(ByteBuffer(bytes: [1, 2, 3]))])
        queue.append(.packet(.ping, ByteBuffer()))
        queue.append(.message(SocketPacketEncoder.encodeEvent(namespace: "/", name: "e", arguments: arguments), compress: true))
        queue.append(.message(SocketPacketEncoder.encodeEvent(namespace: "/n", name: "f", arguments: JSONArguments()), compress: true))
        #expect(queue.bytes > 0)
        let body = String(buffer: queue.takeBody(ClientForm()).bytes)
        #expect(body == "2\u{1e}451-[\"e\",\"text\",{\"_placeholder\":true,\"num\":0}]\u{1e}bAQID\u{1e}42/n,[\"f\"]")
        #expect(queue.isEmpty)
        #expect(queue.bytes == 0)
    }
}
