import NIOCore
import Tapedeck

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The address that a serving command listens on.
enum Listener {
    /// A tape is not offered to strangers.
    /// - Parameter remedies: what can be added to the command.
    static func refuseOpenInspector(host: String, token: String?, _ remedies: String) throws {
        guard !InspectorAccess.isLoopback(hostName: host), token?.isEmpty ?? true else { return }
        throw CommandFailure("--host \(host) is reachable from other machines. Add \(remedies).")
    }

    static func explanation(of error: IOError, host: String, port: Int) -> String {
        let address = "\(host):\(port)"
        switch error.errnoCode {
        case EADDRINUSE:
            return "Port \(port) is taken. Stop the program that uses it, or choose another with --port (0 picks a free one)."
        case EACCES: return "There is no permission to listen on \(address). Choose a port above 1023 with --port."
        case EADDRNOTAVAIL: return "This machine has no address \(host). Choose another with --host."
        default: return "The server cannot listen on \(address): \(error). Choose another address with --host and --port."
        }
    }
}
