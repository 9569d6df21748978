import SocketIOClient
import Testing

/// The three ways to be connected.
enum Mode: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case polling, webSocket, upgrade

    var testDescription: String { rawValue }

    func configuration(_ url: String) throws -> EngineClient.Configuration {
        var configuration = try EngineClient.Configuration(url: url)
        configuration.transports =
            switch self {
            case .polling: [.polling]
            case .webSocket: [.webSocket]
            case .upgrade: [.polling, .webSocket]
            }
        return configuration
    }
}
