package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Makes TCP (or TLS) connections to one server, all on one event loop.
package struct Dialer: Sendable {
    let url: ServerURL
    let verifiesCertificate: Bool
    let connectTimeout: Duration
    let eventLoop: any EventLoop

    package init(url: ServerURL, verifiesCertificate: Bool, connectTimeout: Duration, on eventLoop: any EventLoop) {
        self.url = url
        self.verifiesCertificate = verifiesCertificate
        self.connectTimeout = connectTimeout
        self.eventLoop = eventLoop
    }

    init(_ configuration: EngineClient.Configuration, on eventLoop: any EventLoop) {
        url = configuration.url
        verifiesCertificate = configuration.verifiesCertificate
        connectTimeout = configuration.connectTimeout
        self.eventLoop = eventLoop
    }

    /// Connects; `initialize` adds the handlers above TCP and TLS.
    package func dial(_ initialize: @escaping @Sendable (any Channel) throws -> Void) -> EventLoopFuture<any Channel> {
        let url = url
        let verifies = verifiesCertificate
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if url.isSecure {
                        let context = try TLSContexts.context(verifying: verifies)
                        try channel.pipeline.syncOperations.addHandler(Self.handler(context, host: url.host))
                    }
                    try initialize(channel)
                }
            }
            .connect(host: url.host, port: url.port)
    }

    /// TLS names only names in its greeting, never addresses.
    private static func handler(_ context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        if (try? SocketAddress(ipAddress: host, port: 0)) != nil {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        return try NIOSSLClientHandler(context: context, serverHostname: host)
    }

    /// What a failed connection attempt was about, in words.
    package func problem(_ error: any Error) -> EngineClientError {
        if let error = error as? EngineClientError { return error }
        let text: String
        if let error = error as? NIOConnectionError {
            if let first = error.connectionErrors.first {
                text = Self.words(first.error)
            } else {
                text = Self.words(error.dnsAError ?? error.dnsAAAAError ?? error)
            }
        } else {
            text = Self.words(error)
        }
        return .unreachable(host: url.host, port: url.port, problem: text)
    }

    /// What an error on a connection that was made was about: TLS is agreed on after that.
    func failure(_ error: any Error) -> EngineClientError {
        switch error {
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            .unreachable(host: url.host, port: url.port, problem: "no TLS: \(error)")
        case is HTTPParserError: .malformed("no HTTP response (\(error))")
        default: .connectionLost(Self.words(error))
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: error.description
        case ChannelError.connectTimeout(let amount): "no answer within \(amount.nanoseconds / 1_000_000) ms"
        case ChannelError.ioOnClosedChannel, ChannelError.inputClosed, ChannelError.eof, ChannelError.alreadyClosed:
            "the server closed it"
        default: "\(error)"
        }
    }
}

/// The two TLS contexts that are ever needed; reading the system's trusted certificates takes long, so it is done once.
private enum TLSContexts {
    private static let verifying = Result { try NIOSSLContext(configuration: .makeClientConfiguration()) }
    private static let trusting = Result {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLContext(configuration: configuration)
    }

    static func context(verifying verifies: Bool) throws -> NIOSSLContext {
        try (verifies ? verifying : trusting).get()
    }
}
