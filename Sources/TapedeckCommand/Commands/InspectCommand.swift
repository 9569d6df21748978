import ArgumentParser
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Tape
import Tapedeck

struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a tape, finished or growing: the inspection API and its page, without a Socket.IO server.",
        discussion: """
            Prints 'Listening on http://HOST:PORT' when it accepts connections. The tape may be recorded to by another process meanwhile.
            """
    )

    @Argument(help: "The tape.", completion: .file())
    var tape: String

    @Option(
        help: ArgumentHelp("A second tape: what a recorded replay is of. The page shows both side by side.", valueName: "tape"),
        completion: .file())
    var beside: String?

    @Option(help: "Address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "Port to listen on; 0 picks a free one. (default: 3000)")
    var port: Int?

    @Option(
        name: .customLong("inspect-token"),
        help: ArgumentHelp("Token that it asks for; without one it answers to this machine only.", valueName: "token"))
    var inspectToken: String?

    @Option(
        name: .customLong("log-level"),
        help: "trace, debug, info, notice, warning, error or critical; logs go to standard error. (default: notice)")
    var logLevel: LogLevel?

    func run() async throws {
        let settings = Settings()
        let host = try settings.value(host, "HOST") ?? "127.0.0.1"
        let port = try settings.value(port, "PORT") ?? 3000
        guard (0...65535).contains(port) else { throw ValidationError("--port takes a number from 0 to 65535.") }
        let token = try settings.value(inspectToken, "INSPECT_TOKEN")
        let level = try settings.value(logLevel, "LOG_LEVEL")?.level ?? .notice
        try await reportingFailures {
            try Listener.refuseOpenInspector(host: host, token: token, "--inspect-token TOKEN to protect it")
            try await InspectingServer(tape: tape, beside: beside, host: host, port: port, token: token, logLevel: level).run()
        }
    }
}
