import Foundation
import Hummingbird
import SocketIO
import SocketIOHummingbird

/// A chat for everyone who opens the page. `swift run Chat`, then http://localhost:3000
@main
struct Chat {
    struct Message: Codable, Sendable { var from, text: String }

    static func main() async throws {
        let io = SocketIOServer()
        io.onConnection { socket in
            let name = socket.handshake.auth["name"]?.stringValue ?? "someone"
            socket.join("lobby")
            socket.to("lobby").emit("joined", name)
            socket.on("say") { (text: String) -> Bool in
                io.to("lobby").emit("said", Message(from: name, text: text))
                return true
            }
            socket.onDisconnect { _ in io.to("lobby").emit("left", name) }
        }

        let router = Router()
        router.get("/") { _, _ in
            Response(status: .ok, headers: [.contentType: "text/html; charset=utf-8"], body: .init(byteBuffer: .init(string: page)))
        }
        let port = ProcessInfo.processInfo.environment["PORT"].flatMap(Int.init) ?? 3000
        let app = Application(
            router: router, server: .socketIO(io), configuration: .init(address: .hostname(port: port)), services: [io.service])
        try await app.runService()
    }
}
