public import HTTPTypes

/// What is known of an HTTP request: a snapshot, so that the request itself need not be kept for the life of a session.
public struct EngineRequest: Sendable {
    /// Method of the request.
    public let method: HTTPRequest.Method
    /// Path and query as they came.
    public let url: String
    /// The path alone, undecoded.
    public let path: String
    /// The query's pairs in order, decoded.
    public let query: [(name: String, value: String)]
    /// Header fields, without `Host`: see ``authority``.
    public let headers: HTTPFields
    /// The peer's address without its port.
    public let remoteAddress: String?
    /// Whether it came over TLS.
    public let isSecure: Bool
    /// The `Host` header, or HTTP/2's `:authority`.
    public let authority: String?
    /// When it came, in microseconds since 1970.
    public let at: Int64

    package init(_ head: HTTPRequest, remoteAddress: String?, isSecure: Bool, at: Int64) {
        method = head.method
        url = head.path ?? "/"
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts.first ?? "/")
        query = parts.count > 1 ? Self.pairs(of: parts[1]) : []
        headers = head.headerFields
        authority = head.authority
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        self.at = at
    }

    /// The first value of a name in the query.
    public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// Whether the client asks to change to the WebSocket protocol (RFC 6455, section 4.1).
    var isWebSocketUpgrade: Bool {
        headers[.upgrade]?.lowercased() == "websocket"
            && (headers[.connection]?.lowercased().split(separator: ",").contains { $0.trimmingPrefix { $0 == " " } == "upgrade" } ?? false)
    }

    /// The pairs of a query or a form.
    package static func pairs(of query: Substring) -> [(name: String, value: String)] {
        query.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(sides[0]), sides.count > 1 ? decoded(sides[1]) : "")
        }
    }

    /// Percent-decoding of a query, where a plus is a blank; a broken escape stays as it is.
    private static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            {
                bytes.append(code)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
