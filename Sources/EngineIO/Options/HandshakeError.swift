import SocketIOWire

/// Why a request was refused: the codes of the Engine.IO protocol, and what the log should say.
public struct HandshakeError: Error, Sendable, Hashable {
    /// The codes of the Engine.IO protocol.
    public enum Code: Int, Sendable, CaseIterable {
        case transportUnknown = 0
        case sessionUnknown
        case badMethod
        case badRequest
        case forbidden
        case unsupportedVersion
    }

    /// What the client is told as a number.
    public var code: Code
    /// What the client is told.
    public var message: String
    /// What exactly was wrong; for the log, not for the client.
    public var context: String

    static func transportUnknown(_ name: String?) -> HandshakeError {
        HandshakeError(code: .transportUnknown, message: "Transport unknown", context: "transport=\(name ?? "")")
    }
    static let sessionUnknown = HandshakeError(
        code: .sessionUnknown, message: "Session ID unknown",
        context: "the session has ended, or another process has it: requests of one session must all reach this process")
    static func badMethod(_ method: String) -> HandshakeError {
        HandshakeError(code: .badMethod, message: "Bad handshake method", context: "\(method): a handshake is a GET")
    }
    static func badRequest(_ context: String) -> HandshakeError {
        HandshakeError(code: .badRequest, message: "Bad request", context: context)
    }
    static func forbidden(_ message: String, context: String = "allowRequest refused") -> HandshakeError {
        HandshakeError(code: .forbidden, message: message.isEmpty ? "Forbidden" : message, context: context)
    }
    static func unsupportedVersion(_ version: String?) -> HandshakeError {
        HandshakeError(
            code: .unsupportedVersion, message: "Unsupported protocol version",
            context: "EIO=\(version ?? ""): this server takes 4, and 3 with allowEIO3")
    }
}

enum JSONText {
    static func quoted(_ text: String) -> String { JSONValue.string(text).description }
}
