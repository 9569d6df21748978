import Foundation
import Hummingbird
import HummingbirdTLS
import Logging
import NIOSSL
import SocketIO
import SocketIOHummingbird

// The recipes of Socket.IO's founding README in Swift. Each function's body stands in the article "Recipes" word for word; a test holds the
// two against each other, and RecipeTests runs them.
enum Recipes {
    static func attachToHTTPServer() -> some ApplicationProtocol {
        let router = Router()
        router.get("hello") { _, _ in "Hello" }

        let io = SocketIOServer()
        let app = Application(router: router, server: .socketIO(io), services: [io.service])
        return app
    }

    static func attachToHTTPSServer(certificate: NIOSSLCertificate, key: NIOSSLPrivateKey) throws -> some ApplicationProtocol {
        let io = SocketIOServer()
        let tls = TLSConfiguration.makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        let app = Application(
            router: Router(), server: try .tls(.socketIO(io), tlsConfiguration: tls), services: [io.service])
        return app
    }

    static func listenOnAPort(_ port: Int) async throws {
        let io = SocketIOServer()
        try await io.run(port: port)
    }

    static func news(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.emit("news", ["hello": "world"])
            socket.on("my other event") { (data: [String: String]) in
                print(data)
            }
        }
    }

    static func everyone(_ io: SocketIOServer) {
        io.onConnection { socket in
            io.emit("this", ["will": "be received by everyone"])

            socket.on("private message") { (from: String, message: String) in
                print("I received a private message by", from, "saying", message)
            }

            socket.onDisconnect { _ in
                io.emit("user disconnected")
            }
        }
    }

    static func storingData(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.on("set nickname") { (name: String) in
                socket.data[.nickname] = name
                socket.emit("ready")
            }

            socket.on("msg") { () in
                print("Chat message by", socket.data[.nickname] ?? "nobody")
            }
        }
    }

    static func volatile(_ io: SocketIOServer) {
        io.onConnection { socket in
            // May be dropped if the client cannot be written to at this moment; it is received like any other.
            socket.volatile.emit("position", 52.5, 13.4)
        }
    }

    static func acknowledgements(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.on("ferret") { (name: String) in
                "woot"
            }
        }
    }

    static func explicitAcknowledgement(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.on("ferret") { (name: String, ack: Ack<String>) in
                ack("woot")
            }
        }
    }

    static func broadcasting(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.broadcast.emit("user connected")
        }
    }

    static func rooms(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.join("justin bieber fans")
            socket.broadcast.to("justin bieber fans").emit("new fan")
            io.to("rammstein fans").emit("new non-fan")
        }
    }

    static func crossBrowserWebSocket(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.on("message") { (message: String) in
                socket.send("you said", message)
            }
            socket.onDisconnect { _ in }
        }
    }

    static func messagingBetweenClients(_ io: SocketIOServer) {
        io.onConnection { socket in
            socket.on("salutate") { (id: SocketID) in
                io.to(id).emit("hi!")
                io.sockets.socket(id)?.onDisconnect { _ in
                    socket.emit("friend disconnected")
                }
            }
        }
    }

    static func configuration() -> SocketIOServer {
        var options = SocketIOServer.Options()
        options.engine.transports = [.webSocket, .polling]
        #if DEBUG
            options.logger.logLevel = .debug
        #endif
        let io = SocketIOServer(options)
        return io
    }
}

extension SocketData.Key where Value == String {
    static var nickname: Self { "nickname" }
}
