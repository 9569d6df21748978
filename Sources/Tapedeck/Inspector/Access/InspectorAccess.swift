import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Tape

/// Who may read the tape over HTTP.
///
/// A tape holds private conversations. Without a token only this machine is answered, and only under its own name: a page of another
/// site that made its host name point here (DNS rebinding) is refused by its `Host`, a script of another site by its `Origin`.
/// With a token, whoever presents it is answered.
public struct InspectorAccess: Sendable {
    let token: String?

    /// - Parameter token: what `Authorization: Bearer …` must carry; `nil` means loopback only.
    public init(token: String? = nil) {
        self.token = token
    }

    /// Whether a path, however it is spelled, leads to what is guarded.
    func isInspector(_ path: String) -> Bool {
        let first = path.split(separator: "/").first.map { $0.removingPercentEncoding ?? String($0) } ?? ""
        return ["inspect", "metrics", "healthz"].contains(first)
    }

    /// Whether a path is that of the page or of one of its own files.
    private func isPage(_ parts: [Substring]) -> Bool {
        guard parts.first == "inspect" else { return false }
        return parts.count == 1 || EmbeddedFile.named("web/inspector/" + parts.dropFirst().joined(separator: "/")) != nil
    }

    /// Nothing if the request may be answered, else the problem to answer with.
    func refusal(of request: Request, context: InspectorContext) -> Problem? {
        let parts = request.uri.path.split(separator: "/")
        // Health is for whoever looks after the machine. With a token the page is open: it holds nothing private, and it asks for the token.
        if parts == ["healthz"] || (token != nil && isPage(parts)) { return nil }
        return refusal(of: request.headers, authority: request.head.authority, from: context.remoteAddress)
    }

    /// - Parameter authority: what the request's `Host` says.
    func refusal(of headers: HTTPFields, authority: String?, from address: SocketAddress?) -> Problem? {
        // Two of what there must be one of: somebody on the way may have read the other.
        for name in [HTTPField.Name.authorization, .origin] where headers[values: name].count > 1 { return .ambiguous(name) }
        if let name = HTTPField.Name("Host"), !headers[values: name].isEmpty { return .ambiguous(name) }
        if let token { return refusal(of: headers, wanting: token) }
        guard address.map(Self.isLoopback) ?? false, !Self.isForwarded(headers) else {
            return Problem(
                status: .forbidden, title: "Only this machine is answered",
                detail: "The inspector holds private data. Start the server with --inspect-token to reach it from elsewhere.")
        }
        guard let name = authority.flatMap(Self.hostName), Self.isLoopback(hostName: name)
        else {
            return Problem(
                status: .forbidden, title: "Unknown Host",
                detail: "Without --inspect-token the inspector answers to localhost, 127.0.0.1 and [::1] only.")
        }
        if let origin = headers[.origin], !Self.isLoopback(origin: origin) {
            return Problem(status: .forbidden, title: "Foreign Origin", detail: "Pages of other sites may not read the inspector.")
        }
        if let name = HTTPField.Name("Sec-Fetch-Site"), headers[name] == "cross-site" {
            return Problem(status: .forbidden, title: "Foreign page", detail: "Pages of other sites may not read the inspector.")
        }
        return nil
    }

    /// A proxy on this machine brought it from who knows where.
    private static func isForwarded(_ headers: HTTPFields) -> Bool {
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"].contains { name in
            HTTPField.Name(name).map { headers.contains($0) } ?? false
        }
    }

    private func refusal(of headers: HTTPFields, wanting token: String) -> Problem? {
        let given = headers[.authorization] ?? ""
        guard given.lowercased().hasPrefix("bearer "), Self.isEqual(String(given.dropFirst(7)), token) else {
            return Problem(
                status: .unauthorized, title: "Token wanted",
                detail: "Send 'Authorization: Bearer TOKEN' with the token of --inspect-token.",
                headers: [.wwwAuthenticate: "Bearer realm=\"tapedeck\""])
        }
        return nil
    }

    /// Compares in a time that depends on the lengths only, so that a token cannot be found out byte by byte.
    static func isEqual(_ given: String, _ wanted: String) -> Bool {
        let given = Array(given.utf8)
        let wanted = Array(wanted.utf8)
        var difference = given.count ^ wanted.count
        for index in wanted.indices {
            difference |= Int(wanted[index] ^ (index < given.count ? given[index] : 0))
        }
        return difference == 0
    }

    static func isLoopback(_ address: SocketAddress) -> Bool {
        switch address {
        case .v4: return address.ipAddress?.hasPrefix("127.") ?? false
        case .v6: return address.ipAddress == "::1" || (address.ipAddress?.hasPrefix("::ffff:127.") ?? false)
        case .unixDomainSocket: return true
        }
    }

    /// The host without its port; IPv6 in brackets keeps none.
    static func hostName(ofAuthority authority: String) -> String? {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let host = parts.first, !host.isEmpty else { return nil }
        return String(host)
    }

    package static func isLoopback(hostName: String) -> Bool {
        let name = hostName.lowercased()
        if name == "localhost" || name == "::1" { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && numbers.allSatisfy { $0 != nil }
    }

    static func isLoopback(origin: String) -> Bool {
        let parts = origin.split(separator: "://", maxSplits: 1)
        guard parts.count == 2, let host = hostName(ofAuthority: String(parts[1])) else { return false }
        return isLoopback(hostName: host)
    }
}

extension Problem {
    fileprivate static func ambiguous(_ name: HTTPField.Name) -> Problem {
        Problem(status: .badRequest, title: "Ambiguous request", detail: "'\(name.canonicalName)' takes one value, not two.")
    }
}
