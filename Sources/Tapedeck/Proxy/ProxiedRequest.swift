import EngineIO
import NIOCore
import NIOHTTP1
import SocketIOWire

/// A request as the proxy sees it: what is for whom.
struct ProxiedRequest: Sendable {
    /// Whose it is.
    enum Target: Sendable {
        /// The proxy's own pages: the inspector, its API, health and metrics.
        case own
        /// Engine.IO's.
        case engine
        /// Anything else of the server's.
        case other
    }

    let target: Target
    let method: HTTPMethod
    /// Path and query.
    let url: String
    let headers: [(name: String, value: String)]
    let remoteAddress: String?
    let revision: EngineRevision
    let transport: String?
    let sid: String?
    /// By script elements (row C15 of the behaviour notes).
    let isJSONP: Bool
    let isWebSocket: Bool

    /// - Parameter head: with a target in origin form.
    init(_ head: HTTPRequestHead, enginePath: String, remoteAddress: String?) {
        method = head.method
        url = head.uri
        headers = head.headers.map { (name: $0.name, value: $0.value) }
        self.remoteAddress = remoteAddress
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? "/"
        let query = parts.count > 1 ? EngineRequest.pairs(of: parts[1]) : []
        func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
        // A client file below the path is the server's, too, and nothing of a session.
        let isEngine = path == enginePath || path + "/" == enginePath
        target = isEngine ? .engine : Self.isOwn(path) ? .own : .other
        revision = value("EIO").flatMap(Int.init).flatMap(EngineRevision.init(rawValue:)) ?? .four
        transport = value("transport")
        sid = value("sid")
        isJSONP = value("j") != nil
        isWebSocket = head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }

    private static func isOwn(_ path: String) -> Bool {
        path == "/inspect" || path.hasPrefix("/inspect/") || path == "/healthz" || path == "/metrics"
    }
}
