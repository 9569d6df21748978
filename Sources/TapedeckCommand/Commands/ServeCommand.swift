import ArgumentParser
import SocketIO

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Runs the playground app on a Socket.IO server and records it.",
        discussion: """
            Prints 'Listening on http://HOST:PORT' when it accepts connections. SIGTERM and SIGINT drain: sockets get a proper close, the tape is
            flushed; a second signal ends it at once.
            """
    )

    @OptionGroup var flags: ServerFlags

    func run() async throws {
        try await reportingFailures {
            try await RecordingServer(ServerSettings(flags)).run { io in Playground().install(on: io) }
        }
    }
}
