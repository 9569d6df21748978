import HTTPTypes
import Hummingbird
import NIOCore

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

    /// Nothing if the request may be answered, else the problem to answer with.
    func refusal(of headers: HTTPFields, authority: String?, from address: SocketAddress?) -> Problem? {
        if let token { return refusal(of: headers, wanting: token) }
        guard address.map(Self.isLoopback) ?? false else {
            return Problem(
                status: .forbidden, title: "Only this machine is answered",
                detail: "The inspector holds private data. Start the server with --inspect-token to reach it from elsewhere.")
        }
        guard let host = authority.flatMap(Self.hostName), Self.isLoopback(hostName: host) else {
            return Problem(
                status: .forbidden, title: "Unknown Host",
                detail: "Without --inspect-token the inspector answers to localhost, 127.0.0.1 and [::1] only.")
        }
        if let origin = headers[.origin], !Self.isLoopback(origin: origin) {
            return Problem(status: .forbidden, title: "Foreign Origin", detail: "Pages of other sites may not read the inspector.")
        }
        return nil
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

    static func isLoopback(hostName: String) -> Bool {
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

/// Lets through only what ``InspectorAccess`` allows, and only GET and HEAD; adds the security headers to every answer.
struct InspectorGate: RouterMiddleware {
    let access: InspectorAccess

    func handle(
        _ request: Request, context: InspectorContext, next: (Request, InspectorContext) async throws -> Response
    ) async throws -> Response {
        guard request.uri.path.hasPrefix("/inspect") || request.uri.path == "/metrics" else { return try await next(request, context) }
        var response = try await answer(to: request, context: context, next: next)
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        if let referrerPolicy = HTTPField.Name("Referrer-Policy") { response.headers[referrerPolicy] = "no-referrer" }
        return response
    }

    private func answer(
        to request: Request, context: InspectorContext, next: (Request, InspectorContext) async throws -> Response
    ) async throws -> Response {
        // The page itself holds nothing private, and it is what asks for the token.
        let isPage = access.token != nil && !request.uri.path.hasPrefix("/inspect/api") && request.uri.path != "/metrics"
        if !isPage, let refusal = access.refusal(of: request.headers, authority: request.head.authority, from: context.remoteAddress) {
            return refusal.response
        }
        guard request.method == .get || request.method == .head else {
            return Problem(
                status: .methodNotAllowed, title: "Read only", detail: "The inspector answers GET and HEAD.", headers: [.allow: "GET, HEAD"]
            ).response
        }
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response
        } catch let error as HTTPError where error.status == .notFound {
            return Problem(status: .notFound, title: "Not found", detail: "There is nothing at \(request.uri.path).").response
        }
    }
}
