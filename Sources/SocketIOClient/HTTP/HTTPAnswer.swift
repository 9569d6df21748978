import NIOCore
import NIOHTTP1

/// A whole HTTP response.
struct HTTPAnswer: Sendable {
    var head: HTTPResponseHead
    var body: ByteBuffer

    var status: Int { Int(head.status.code) }
}

/// Puts a response together from its parts, within a limit. A value, so that it can be tested without a connection.
struct HTTPAnswerCollector {
    private let limit: Int
    private var answer: HTTPAnswer?

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether anything of the answer has come.
    var hasBegun: Bool { answer != nil }

    /// Takes the next part; gives the answer with its last.
    mutating func receive(_ part: HTTPClientResponsePart) throws(EngineClientError) -> HTTPAnswer? {
        switch part {
        case .head(let head):
            // Interim responses (100, 103) come before the answer proper; 101 is an answer of its own.
            guard head.status.code >= 200 || head.status == .switchingProtocols else { return nil }
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > limit {
                throw .tooLarge(limit: limit)
            }
            answer = HTTPAnswer(head: head, body: ByteBuffer())
            return nil
        case .body(var bytes):
            guard var known = answer.take() else { throw .malformed("a body without a head") }
            guard known.body.readableBytes + bytes.readableBytes <= limit else { throw .tooLarge(limit: limit) }
            if known.body.readableBytes == 0 { known.body = bytes } else { known.body.writeBuffer(&bytes) }
            answer = known
            return nil
        case .end:
            return answer.take()
        }
    }
}
