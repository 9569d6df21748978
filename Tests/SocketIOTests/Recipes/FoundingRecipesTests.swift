import Foundation
import NIOCore
import SocketIO
import TestSupport
import Testing

/// The recipes of Socket.IO's founding README: the server's half in Swift, the client's word for word in a browser.
@Suite struct FoundingRecipesTests {
    @Test("the founding recipes run in a browser", arguments: ["official", "web/client/dist/socket.io.js"])
    func recipes(client: String) async throws {
        let io = SocketIOServer()
        io.onConnection { socket in
            socket.emit("news", ["hello": "world"])
            socket.on("my other event") { (data: [String: String]) in #expect(data == ["my": "data"]) }
            socket.on("set nickname") { (_: Bool) in socket.emit("ready") }
            socket.on("msg") { (_: Bool) in }
            socket.on("ferret") { (name: String) -> String in name == "tobi" ? "woot" : "who?" }
            socket.on("message") { (text: String) in socket.send("you said \(text)") }
        }
        let address = try await io.start(port: 0)
        let port = try #require(address.port)
        let browser = try ChildProcess(
            TestPlaces.python, ["Tests/Clients/founding.py", "http://127.0.0.1:\(port)", "--client", client], directory: TestPlaces.root)
        let status = try await browser.exitStatus(within: .seconds(60))
        #expect(status == 0, "\(browser.output)\(browser.errors)")
        await io.shutdown()
    }
}
