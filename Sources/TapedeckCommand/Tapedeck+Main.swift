import ArgumentParser

/// `tapedeck`: records, inspects and replays Socket.IO.
@main
struct TapedeckCommand: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "tapedeck",
        abstract: "Records, inspects and replays Socket.IO.",
        discussion: """
            A tape is one SQLite file. 'serve' and 'proxy' make one, 'replay' turns one into a test, 'mock' into a server, 'query' and 'info' ask one.

            Exit status: 0 done (replay: everything matched; mock: the tape knew everything), 1 it did not, 2 it could not be done, 64 wrong usage.
            Every setting of 'serve' can also come from the environment: --ping-interval is TAPEDECK_PING_INTERVAL. A flag wins.
            """,
        version: version,
        subcommands: [
            ServeCommand.self, ProxyCommand.self, ReplayCommand.self, MockCommand.self, InspectCommand.self, QueryCommand.self,
            InfoCommand.self,
            CutCommand.self,
            MergeCommand.self, LintCommand.self,
        ]
    )
}
