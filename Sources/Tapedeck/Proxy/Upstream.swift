import NIOCore
import NIOHTTP1
import SocketIOClient

/// The server behind the proxy, and how it is reached.
struct Upstream: Sendable {
    let url: ServerURL
    let verifiesCertificate: Bool
    let connectTimeout: Duration

    /// `scheme://host:port`, the port only where it is not the scheme's own.
    var origin: String { (url.isSecure ? "https://" : "http://") + authority }

    var authority: String {
        let host = url.host.contains(":") ? "[\(url.host)]" : url.host
        return url.port == (url.isSecure ? 443 : 80) ? host : "\(host):\(url.port)"
    }

    /// A connection on `loop`; nothing of HTTP is on it yet.
    func connect(on loop: any EventLoop) -> EventLoopFuture<any Channel> { dialer(loop).dial { _ in } }

    /// Why it could not be reached, in words.
    func problem(_ error: any Error, on loop: any EventLoop) -> String { "\(dialer(loop).problem(error))" }

    /// Whether it takes no connections any more.
    func isGone(on loop: any EventLoop) -> EventLoopFuture<Bool> {
        dialer(loop).dial { _ in }
            .map { channel in
                channel.close(promise: nil)
                return false
            }
            .recover { _ in true }
    }

    private func dialer(_ loop: any EventLoop) -> Dialer {
        Dialer(url: url, verifiesCertificate: verifiesCertificate, connectTimeout: connectTimeout, on: loop)
    }
}
