import SocketIOWire

/// Why a request was refused: the codes of the Engine.IO protocol, and what the log should say.
package struct HandshakeError: Error, Sendable, Hashable {
    package enum Code: Int, Sendable, CaseIterable {
        case transportUnknown = 0
        case sessionUnknown
        case badMethod
        case badRequest
        case forbidden
        case unsupportedVersion
    }

    package var code: Code
    package var message: String
    /// What exactly was wrong; for the log, not for the client.
    package var context: String

    static func transportUnknown(_ name: String?) -> HandshakeError {
        HandshakeError(code: .transportUnknown, message: "Transport unknown", context: "transport=\(name ?? "")")
    }
    static let sessionUnknown = HandshakeError(
        code: .sessionUnknown, message: "Session ID unknown",
        context: "the session has ended, or another process has it: requests of one session must all reach this process")
    static let badMethod = HandshakeError(code: .badMethod, message: "Bad handshake method", context: "a handshake is a GET")
    static func badRequest(_ context: String) -> HandshakeError {
        HandshakeError(code: .badRequest, message: "Bad request", context: context)
    }
    static func forbidden(_ message: String) -> HandshakeError {
        HandshakeError(code: .forbidden, message: message.isEmpty ? "Forbidden" : message, context: "allowRequest refused")
    }
    static let unsupportedVersion = HandshakeError(
        code: .unsupportedVersion, message: "Unsupported protocol version", context: "the client does not say EIO=4")
}

enum JSONText {
    static func quoted(_ text: String) -> String { JSONValue.string(text).description }
}
