import Foundation
import NIOCore
import SocketIO

/// A server whose `echo` is a typed handler of two arguments: what decoding and encoding by type costs, beside the playground's, which passes
/// bytes on. `make bench` runs both.
@main
struct TypedEcho {
    static func main() async throws {
        let io = SocketIOServer()
        io.onConnection { socket in
            socket.on("echo") { (text: String, _: Int?) in text }
        }
        let address = try await io.start(port: 0)
        // Whoever waits for the line reads a pipe, which print would fill first.
        FileHandle.standardOutput.write(Data("Listening on http://127.0.0.1:\(address.port ?? 0)\n".utf8))
        try await Task.sleep(for: .seconds(86_400))
    }
}
