/// Why an Engine.IO connection could not be opened, ended, or could not be upgraded.
public enum EngineClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The address cannot be read.
    case invalidURL(String, problem: String)
    /// No connection to the server: refused, no such host, no TLS.
    case unreachable(host: String, port: Int, problem: String)
    /// The server answered a request with an error. `code` is the Engine.IO error code if the body had one;
    /// `message` the body's message, or the beginning of the body.
    case refused(status: Int, code: Int?, message: String)
    /// Nothing (or not enough) came in time.
    case timedOut(String, after: Duration)
    /// The connection to the server broke.
    case connectionLost(String)
    /// The server sent something that Engine.IO does not allow.
    case malformed(String)
    /// The server sent more than ``EngineClient/Configuration/maximumMessageSize`` bytes at once.
    case tooLarge(limit: Int)
    /// The connection is not open (any more), or was opened before.
    case notOpen(String)
    /// The upgrade to WebSocket did not succeed; the connection goes on with polling.
    case upgradeFailed(String)
    /// The other side ended the connection with a WebSocket close frame.
    case webSocketClosed(code: UInt16?, reason: String)

    public var description: String {
        switch self {
        case .invalidURL(let text, let problem): "\"\(text)\" is no address of a server: \(problem)"
        case .unreachable(let host, let port, let problem): "cannot connect to \(host):\(port): \(problem)"
        case .refused(let status, let code, let message):
            "the server answered \(status)\(code.map { ", code \($0)" } ?? "")\(message.isEmpty ? "" : ": \(message)")"
        case .timedOut(let what, let after): "\(what) within \(after)"
        case .connectionLost(let problem): "the connection was lost: \(problem)"
        case .malformed(let problem): "the server sent something that is not Engine.IO: \(problem)"
        case .tooLarge(let limit): "the server sent more than \(limit) bytes at once; raise maximumMessageSize"
        case .notOpen(let problem): problem
        case .upgradeFailed(let problem): "the upgrade to WebSocket failed: \(problem)"
        case .webSocketClosed(let code, let reason):
            "the server closed the WebSocket\(code.map { " with code \($0)" } ?? "")\(reason.isEmpty ? "" : ": \(reason)")"
        }
    }
}

/// Why an Engine.IO connection ended, in the words of the official client.
public enum EngineClientCloseReason: String, Sendable, Hashable, CustomStringConvertible {
    /// A request failed, or the server sent something that does not fit.
    case transportError = "transport error"
    /// The server closed the connection.
    case transportClose = "transport close"
    /// The server sent no ping within pingInterval + pingTimeout.
    case pingTimeout = "ping timeout"
    /// This side closed it.
    case forcedClose = "forced close"
    /// The server sent something that is no Socket.IO packet.
    case parseError = "parse error"

    public var description: String { rawValue }
}
