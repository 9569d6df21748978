public import SocketIOWire

extension ClientSocket {
    /// Why a socket was disconnected: the official client's words.
    public struct DisconnectReason: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The server disconnected this socket.
        public static let ioServerDisconnect = Self(rawValue: "io server disconnect")
        /// ``ClientSocket/disconnect()`` was called.
        public static let ioClientDisconnect = Self(rawValue: "io client disconnect")
        public static let pingTimeout = Self(.pingTimeout)
        public static let transportClose = Self(.transportClose)
        public static let transportError = Self(.transportError)
        public static let parseError = Self(.parseError)
        /// ``SocketIOClient/close()`` or ``SocketIOClient/abort()`` was called.
        public static let forcedClose = Self(.forcedClose)

        init(_ reason: EngineClientCloseReason) {
            rawValue = reason.rawValue
        }

        public var description: String { rawValue }
    }

    /// Why a socket did not get connected.
    public struct ConnectError: Error, Sendable, CustomStringConvertible {
        /// What the server said, or what was wrong with the connection to it.
        public let message: String
        /// What the server added to its refusal.
        public let data: JSONValue?
        /// Set if no connection to the server could be made, or it ended before the server had answered; nil if the server refused.
        public let cause: EngineClientError?

        init(message: String, data: JSONValue? = nil, cause: EngineClientError? = nil) {
            self.message = message
            self.data = data
            self.cause = cause
        }

        public var description: String { message }
    }

    /// Why an ack did not come, or could not be used.
    public enum AckError: Error, Sendable, Equatable, CustomStringConvertible {
        /// The server did not answer in time. An event that had not left yet is not sent any more.
        case timedOut
        /// The socket was disconnected before the server answered.
        case disconnected
        /// The waiting task was cancelled.
        case cancelled
        /// The server answered something else than expected.
        case unexpectedAnswer(String)
        /// The event could not be sent.
        case notSent(String)

        public var description: String {
            switch self {
            case .timedOut: "operation has timed out"
            case .disconnected: "socket has been disconnected"
            case .cancelled: "the waiting task was cancelled"
            case .unexpectedAnswer(let problem): "the server's answer does not fit: \(problem)"
            case .notSent(let problem): "the event was not sent: \(problem)"
            }
        }
    }
}

/// What went wrong in a handler or an emit; told to ``SocketIOClient/onError(_:)`` and the log.
public enum SocketIOClientError: Error, Sendable, CustomStringConvertible {
    /// An event has an argument that the handler does not take, or lacks one.
    case argument(event: String, ArgumentError)
    /// The event (or ack) was not sent.
    case notSent(event: String?, problem: String)
    /// A handler threw.
    case handler(event: String, any Error)

    public var description: String {
        switch self {
        case .argument(let event, let problem): "event \"\(event)\": \(problem)"
        case .notSent(let event, let problem): event.map { "event \"\($0)\" was not sent: \(problem)" } ?? "an ack was not sent: \(problem)"
        case .handler(let event, let error): "a handler of event \"\(event)\" failed: \(error)"
        }
    }
}
