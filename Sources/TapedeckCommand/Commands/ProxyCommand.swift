import ArgumentParser
import SocketIOClient

struct ProxyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy",
        abstract: "Stands in front of any Socket.IO server, in any language, and records it.",
        discussion: """
            Clients connect to the proxy instead of the server; all they say is passed on as it is and recorded as 'serve' records it. /inspect/,
            /healthz and /metrics are the proxy's own, everything else is the server's. Rooms, and which packets were one broadcast, only the
            server knows: they are not on the tape. Compression is not offered to the server below its Socket.IO path, so that it can be read along.

              tapedeck proxy http://localhost:4000 --port 3000
            """
    )

    @Argument(help: ArgumentHelp("Scheme, host and port of the server: http://localhost:4000.", valueName: "upstream-url"))
    var upstream: String

    @Flag(help: "Take any certificate from the server.")
    var insecure = false

    @OptionGroup(title: "The proxy")
    var flags: ServerFlags

    func validate() throws { try refuseFlagsOfServers() }

    func run() async throws {
        try await reportingFailures {
            let server = RecordingServer(try ServerSettings(flags))
            try await server.run(inFrontOf: try address(), verifiesCertificate: !insecure)
        }
    }

    private func address() throws -> ServerURL {
        do {
            let url = try ServerURL(upstream)
            guard url.namespace == "/", url.query.isEmpty else {
                throw ValidationError(
                    "The upstream URL takes scheme, host and port only; requests keep their paths. Where Socket.IO is, --path says.")
            }
            return url
        } catch let error as EngineClientError {
            throw ValidationError("\(error)")
        }
    }

    /// What the server behind decides by itself is not the proxy's to say.
    private func refuseFlagsOfServers() throws {
        let given: [(String, Bool)] = [
            ("--cors-origin", !flags.corsOrigins.isEmpty), ("--ping-interval", flags.pingInterval != nil),
            ("--ping-timeout", flags.pingTimeout != nil), ("--connect-timeout", flags.connectTimeout != nil),
            ("--transports", flags.transports != nil), ("--allow-eio3", flags.allowEIO3),
            ("--per-message-deflate", flags.perMessageDeflate), ("--recovery", flags.recovery != nil),
        ]
        guard let (name, _) = given.first(where: { $0.1 }) else { return }
        throw ValidationError("\(name) is for the server behind the proxy; set it there.")
    }
}
