import Foundation
import NIOConcurrencyHelpers
import NIOCore
import SocketIO
import SocketIOWire
import Tape

@testable import Tapedeck

/// A small app on the real server, recorded or with one thing broken.
struct ChatServer {
    enum Fault: String, CaseIterable, Sendable {
        case ackChanged, recipientLeftOut, fieldRenamed, eventDoubled, refusalChanged, kickForgotten, answerChanged, binaryChanged
        case partsSwapped, partLost, partAdded, numberAsText, mute, waveShortened
    }

    let url: String
    private let io: SocketIOServer
    private let recorder: Recorder?

    /// - Parameter tape: where to record to.
    static func start(tape: String? = nil, fault: Fault? = nil, recovers: Bool = false) async throws -> ChatServer {
        var options = SocketIOServer.Options()
        if recovers { options.connectionStateRecovery = .init() }
        var recording = TapeOptions()
        // Replay has to say the token that it was.
        recording.redaction = .nothing
        let recorder = try tape.map { try Recorder(path: $0, run: TapeRun(kind: .embedded), options: recording) }
        options.tap = recorder
        let io = SocketIOServer(options)
        install(on: io, fault: fault)
        let address = try await io.start(port: 0)
        return ChatServer(url: "http://127.0.0.1:\(address.port ?? 0)", io: io, recorder: recorder)
    }

    func stop() async throws {
        await io.shutdown()
        try await recorder?.close()
    }

    private static func install(on io: SocketIOServer, fault: Fault?) {
        let tickets = NIOLockedValueBox<Set<String>>([])
        if fault == .mute { io.of("/").use { _ in try await Task.sleep(for: .seconds(600)) } }
        io.of("/private").use { socket in
            guard socket.handshake.auth["token"] == "letmein" else {
                throw ConnectError("unauthorized", data: ["code": fault == .refusalChanged ? 403 : 401])
            }
        }
        for namespace in [io.of("/"), io.of("/custom"), io.of("/private")] {
            namespace.onConnection { socket in
                socket.emit("auth", JSONValue.object(socket.handshake.auth))
                socket.onRaw("echo") { arguments, ack in
                    var values = arguments.values()
                    if fault == .ackChanged, !values.isEmpty { values[0] = "changed" }
                    if fault == .binaryChanged, case .binary? = values.last { values[values.count - 1] = .binary(ByteBuffer(bytes: [0])) }
                    if let ack { ack(JSONArguments(values)) } else { socket.emit("echo", arguments: JSONArguments(values)) }
                }
                socket.on("join") { (room: String) in
                    socket.join(Room(room))
                    return true
                }
                socket.onRaw("cast") { arguments, _ in
                    let room = arguments[0].stringValue ?? ""
                    let target = socket.namespace.to(Room(room))
                    (fault == .recipientLeftOut ? target.except(Room(socket.id)) : target).emit("cast", arguments: arguments)
                }
                socket.onRaw("dm") { arguments, _ in
                    socket.namespace.to(Room(arguments[0].stringValue ?? "")).emit("dm", socket.id, arguments[1])
                }
                socket.onRaw("chat message") { arguments, _ in
                    let message: JSONValue = [
                        "from": .string(socket.id), fault == .fieldRenamed ? "txt" : "text": arguments[0],
                        "at": .string(UUID().uuidString),
                    ]
                    socket.namespace.emit("chat message", message)
                    if fault == .eventDoubled { socket.namespace.emit("chat message", message) }
                }
                socket.on("whoami") { () in ["id": JSONValue.string(socket.id), "transport": .string(socket.connection.transport.rawValue)]
                }
                socket.on("ticket") { () in
                    let ticket = UUID().uuidString
                    tickets.withLockedValue { _ = $0.insert(ticket) }
                    return ticket
                }
                socket.on("redeem") { (ticket: String) in tickets.withLockedValue { $0.remove(ticket) != nil } }
                socket.onRaw("parts") { arguments, _ in
                    var parts = arguments.values()
                    if fault == .partsSwapped { parts.swapAt(0, 1) }
                    if fault == .partLost { parts.removeLast() }
                    if fault == .partAdded { parts.append("one too many") }
                    if fault == .numberAsText, case .integer(let number)? = parts.first { parts[0] = .string("\(number)") }
                    for part in parts { socket.emit("part", part) }
                }
                socket.onRaw("wave") { arguments, _ in
                    let arguments = fault == .waveShortened ? JSONArguments(arguments.values().dropLast()) : arguments
                    socket.namespace.volatile.emit("wave", arguments: arguments)
                }
                socket.on("note") { (text: String, isVolatile: Bool) -> Void in
                    if isVolatile { socket.namespace.volatile.emit("note", text) } else { socket.namespace.emit("note", text) }
                }
                socket.on("slow") { (text: String) async throws in
                    try await Task.sleep(for: .milliseconds(80))
                    socket.emit("done", text)
                }
                socket.onRaw("ask") { arguments, _ in
                    Task {
                        let answer = try await socket.timeout(.seconds(5)).emitWithAck("question", arguments: arguments)
                        socket.emit("answer", arguments: fault == .answerChanged ? JSONArguments(["no"]) : answer)
                    }
                }
                socket.on("kick") { () -> Void in if fault != .kickForgotten { socket.disconnect() } }
                socket.onDisconnect { _ in socket.namespace.emit("left", socket.id) }
            }
        }
    }
}
