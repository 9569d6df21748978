/// Where a Socket.IO server listens: `http`, `https`, `ws` or `wss`, a host and a port.
///
/// As with the official client, a path in the address names a namespace (`http://localhost:3000/chat`) and a query is sent with each request;
/// the path of the engine itself is ``EngineClient/Configuration/path``.
public struct ServerURL: Sendable, Hashable, CustomStringConvertible {
    /// Whether the connections are made over TLS (`https`, `wss`).
    public let isSecure: Bool
    /// A name or an address; an IPv6 address stands without its brackets.
    public let host: String
    public let port: Int
    /// The namespace that the path names, `/` if there is none.
    public let namespace: String
    /// The query without its question mark, as it was written; empty if there is none.
    public let query: String

    /// Reads an address such as `http://localhost:3000`.
    ///
    /// - Throws: ``EngineClientError/invalidURL(_:problem:)``.
    public init(_ text: String) throws(EngineClientError) {
        func invalid(_ problem: String) -> EngineClientError { .invalidURL(text, problem: problem) }
        // What stands in a request's first line and headers must not be able to end them.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw invalid("it holds a blank or a control character") }
        guard let mark = text.utf8.firstRange(of: "://".utf8) else {
            throw invalid("it has no scheme; write http://, https://, ws:// or wss:// before the host")
        }
        switch text[..<mark.lowerBound].lowercased() {
        case "http", "ws": isSecure = false
        case "https", "wss": isSecure = true
        case let scheme: throw invalid("its scheme \(scheme) is none of http, https, ws, wss")
        }
        var rest = text[mark.upperBound...]
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let (path, query) = Self.split(rest[authority.endIndex...], at: "?")
        self.query = String(query ?? "")
        namespace = path.isEmpty ? "/" : String(path)

        guard !authority.contains("@") else { throw invalid("it holds credentials; send them as a header") }
        let portText: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { throw invalid("the bracket of its IPv6 address is not closed") }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            let after = authority[authority.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { throw invalid("what follows its IPv6 address is no port") }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let (name, port) = Self.split(authority, at: ":")
            host = String(name)
            portText = port
        }
        guard !host.isEmpty else { throw invalid("it has no host") }
        if let portText, !portText.isEmpty {
            guard let port = UInt16(portText), port > 0 else { throw invalid("its port is not a number from 1 to 65535") }
            self.port = Int(port)
        } else {
            port = isSecure ? 443 : 80
        }
    }

    /// What the `Host` header says: the port only where it is not the scheme's own.
    var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    public var description: String {
        "\(isSecure ? "https" : "http")://\(hostHeader)\(namespace == "/" ? "" : namespace)\(query.isEmpty ? "" : "?\(query)")"
    }

    private static func split(_ text: Substring, at mark: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }
}
