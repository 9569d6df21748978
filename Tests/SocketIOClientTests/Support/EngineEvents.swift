import NIOCore
import SocketIOClient

/// An engine client with what it told.
struct Watched {
    let client: EngineClient
    let events: Collected<String>

    init(_ url: String, _ change: (inout EngineClient.Configuration) -> Void = { _ in }) throws {
        var configuration = try EngineClient.Configuration(url: url)
        change(&configuration)
        let events = Collected<String>()
        self.events = events
        client = EngineClient(configuration) { events.append(Self.words($0)) }
    }

    static func words(_ event: EngineClientEvent) -> String {
        switch event {
        case .opened(let handshake): "opened \(handshake.sid)"
        case .upgraded: "upgraded"
        case .text(let text): "text \(String(buffer: text))"
        case .binary(let bytes): "binary \(Array(bytes.readableBytesView))"
        case .closed(let reason, let error): "closed \(reason)" + (error.map { ": \($0)" } ?? "")
        }
    }

    func wait(for event: String) async throws {
        try await events.wait(for: event) { $0.contains(event) }
    }

    /// The last event, which tells how the connection ended.
    func end() async throws -> String {
        let all = try await events.wait(for: "the end") { $0.last?.hasPrefix("closed") == true }
        return all.last ?? ""
    }
}
