import ArgumentParser
import Foundation
import Logging

/// The flags that the serving commands share, as they stand on the command line.
struct ServerFlags: ParsableArguments {
    @Option(help: "Address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "Port to listen on; 0 picks a free one. (default: 3000)")
    var port: Int?

    @Option(help: ArgumentHelp("The tape to record on. (default: tapedeck.tape; mock: none that stays)", valueName: "path"))
    var tape: String?

    @Flag(name: .customLong("no-record"), help: "Serve without recording.")
    var noRecord = false

    @OptionGroup var recording: RecordingFlags

    @Option(help: "Path of the Socket.IO endpoint. (default: /socket.io/)")
    var path: String?

    @Option(
        name: .customLong("cors-origin"),
        help: ArgumentHelp("Origin whose pages may use the server, or '*'. Repeatable.", valueName: "origin"))
    var corsOrigins: [String] = []

    @Option(
        name: .customLong("ping-interval"), help: "How often a ping is sent: 250ms, 5s, 2m; a bare number is milliseconds. (default: 25s)")
    var pingInterval: TimeSpan?

    @Option(name: .customLong("ping-timeout"), help: "How long to wait for the pong. (default: 20s)")
    var pingTimeout: TimeSpan?

    @Option(name: .customLong("connect-timeout"), help: "How long a client may stay without joining a namespace. (default: 45s)")
    var connectTimeout: TimeSpan?

    @Option(name: .customLong("max-payload"), help: "Largest message accepted, in bytes: 64k, 10m, 2g. (default: 1000000)")
    var maxPayload: ByteCount?

    @Option(help: "Transports that clients may use, separated by commas. (default: polling,websocket)")
    var transports: TransportList?

    @Flag(name: .customLong("allow-eio3"), help: "Accept Socket.IO v2 clients (Engine.IO 3).")
    var allowEIO3 = false

    @Flag(name: .customLong("per-message-deflate"), help: "Compress WebSocket messages for clients that offer it.")
    var perMessageDeflate = false

    @Option(
        help: ArgumentHelp(
            "How long a client that was cut off may come back to its session, its rooms and the events that it missed. (default: not at all)",
            valueName: "duration"))
    var recovery: TimeSpan?

    @Option(help: "How packets are written: json or msgpack; clients must use the same. (default: json)")
    var parser: Choice<ParserName>?

    @Option(
        name: .customLong("inspect-token"),
        help: ArgumentHelp(
            "Token that the inspector and /metrics ask for; without one they answer to this machine only.", valueName: "token"))
    var inspectToken: String?

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp("Certificate chain in PEM; serves https together with --tls-key.", valueName: "file"))
    var tlsCertificate: String?

    @Option(name: .customLong("tls-key"), help: ArgumentHelp("Private key in PEM.", valueName: "file"))
    var tlsKey: String?

    @Option(
        name: .customLong("log-level"),
        help: "trace, debug, info, notice, warning, error or critical; logs go to standard error. (default: notice)")
    var logLevel: LogLevel?

    @Option(help: ArgumentHelp("Event loop threads. (default: as many as there are cores, at most 4)", valueName: "n"))
    var threads: Int?
}

enum ParserName: String, CaseIterable, Sendable {
    case json, msgpack
}

/// `polling,websocket`, one or both.
struct TransportList: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard !names.isEmpty, names.allSatisfy({ ["polling", "websocket"].contains($0) }) else { return nil }
    }
}

struct LogLevel: ExpressibleByArgument {
    let level: Logger.Level

    init?(argument: String) {
        guard let level = Logger.Level(rawValue: argument.lowercased()) else { return nil }
        self.level = level
    }

    static var allValueStrings: [String] { Logger.Level.allCases.map(\.rawValue) }
}
