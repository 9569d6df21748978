import Foundation
import NIOCore

/// The lines on standard output that say that the server is ready, and where.
struct Announcement: Sendable {
    private let scheme: String
    private let host: String
    /// The line about the tape.
    private let tape: String

    init(settings: ServerSettings) {
        scheme = settings.tls == nil ? "http" : "https"
        host = settings.host
        tape = settings.tape.map { "Recording on \($0)" } ?? "Not recording"
    }

    init(inspecting tape: String, host: String) {
        scheme = "http"
        self.host = host
        self.tape = "Inspecting \(tape)"
    }

    func announce(at address: SocketAddress?) {
        let url = "\(scheme)://\(Self.authority(of: address, host: host))"
        // Written past stdio, whose buffer a pipe's reader would wait for.
        FileHandle.standardOutput.write(Data("Listening on \(url)\nInspector at \(url)/inspect/\n\(tape)\n".utf8))
    }

    /// `HOST:PORT` with the port that was really bound.
    static func authority(of address: SocketAddress?, host: String) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(name):\(address?.port ?? 0)"
    }
}
