import NIOCore
import NIOHTTP1

/// One request that is passed on to the server, and its answer. Confined to the event loop of the client's connection.
final class ForwardedExchange {
    let request: ProxiedRequest
    let keepsAlive: Bool
    /// Engine.IO's session, if it is known.
    var session: ObservedSession?
    /// Parts that the server has not got yet.
    var held: [HTTPServerRequestPart] = []
    var heldBytes = 0
    var isRequestComplete = false
    /// What it says has been noted, and the rest of it goes straight on.
    var isReleased = false
    /// The answer's head, until it has been passed on.
    var answer: HTTPResponseHead?
    var answerBody = ByteBuffer()
    /// The answer is looked into before the client gets it.
    var holdsAnswer = false
    var isAnswerBegun = false
    /// The server lets its connection be used again.
    var keepsUpstreamAlive = true
    var isOver = false

    init(_ request: ProxiedRequest, keepsAlive: Bool) {
        self.request = request
        self.keepsAlive = keepsAlive
    }

    /// The request's body holds packets.
    var isPost: Bool { request.target == .engine && request.method == .POST && !request.isWebSocket }
    /// The answer's body holds packets.
    var isPoll: Bool { request.target == .engine && request.method == .GET && !request.isWebSocket }

    /// The packets' bytes that were sent.
    var heldBody: ByteBuffer {
        var body = ByteBuffer()
        for case .body(let part) in held { body.writeImmutableBuffer(part) }
        return body
    }
}

/// What is between two and not for the one beyond (RFC 9110, section 7.6.1), and what the server must know of the client.
enum ForwardedHead {
    private static let hopByHop = ["connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "trailer", "upgrade"]

    /// The client's request as the server gets it.
    static func request(_ head: HTTPRequestHead, _ request: ProxiedRequest, upstream: Upstream, isSecure: Bool) -> HTTPRequestHead {
        var head = head
        let host = head.headers.first(name: "host")
        removeHopByHop(&head.headers)
        if request.isWebSocket {
            head.headers.add(name: "Connection", value: "Upgrade")
            head.headers.add(name: "Upgrade", value: "websocket")
        }
        if request.target == .engine {
            // What is compressed cannot be read along, and a context that lives over messages not be taken up in the middle.
            head.headers.remove(name: "Sec-WebSocket-Extensions")
            head.headers.remove(name: "Accept-Encoding")
        }
        head.headers.replaceOrAdd(name: "Host", value: upstream.authority)
        let scheme = isSecure ? "https" : "http"
        if let host {
            head.headers.replaceOrAdd(name: "X-Forwarded-Host", value: host)
            // A page of this very origin is the server's own page.
            let own = "\(scheme)://\(host)"
            if head.headers.first(name: "origin") == own { head.headers.replaceOrAdd(name: "Origin", value: upstream.origin) }
        }
        head.headers.replaceOrAdd(name: "X-Forwarded-Proto", value: scheme)
        if let address = request.remoteAddress {
            let known = head.headers[canonicalForm: "x-forwarded-for"].map(String.init)
            head.headers.replaceOrAdd(name: "X-Forwarded-For", value: (known + [address]).joined(separator: ", "))
        }
        return head
    }

    /// The server's answer as the client gets it.
    static func answer(_ head: HTTPResponseHead, upstream: Upstream, closes: Bool) -> HTTPResponseHead {
        var head = head
        let isUpgrade = head.status == .switchingProtocols
        removeHopByHop(&head.headers)
        if isUpgrade {
            head.headers.add(name: "Connection", value: "Upgrade")
            head.headers.add(name: "Upgrade", value: "websocket")
        } else if closes {
            head.headers.add(name: "Connection", value: "close")
        }
        // A redirect to the server itself leads here.
        if let place = head.headers.first(name: "location"), place.hasPrefix(upstream.origin + "/") {
            head.headers.replaceOrAdd(name: "Location", value: String(place.dropFirst(upstream.origin.count)))
        }
        return head
    }

    private static func removeHopByHop(_ headers: inout HTTPHeaders) {
        let named = headers[canonicalForm: "connection"].map { $0.lowercased() }
        for name in named + hopByHop { headers.remove(name: name) }
    }
}
