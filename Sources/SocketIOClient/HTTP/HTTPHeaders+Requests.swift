import NIOHTTP1

extension HTTPHeaders {
    /// The headers of every request: the host, what any answer is accepted as, and the user's own, which win.
    static func forRequests(_ configuration: EngineClient.Configuration) -> HTTPHeaders {
        var headers = HTTPHeaders([("Host", configuration.url.hostHeader), ("Accept", "*/*")])
        var named: Set<String> = []
        for (name, value) in configuration.headers {
            if named.insert(name.lowercased()).inserted { headers.remove(name: name) }
            headers.add(name: name, value: value)
        }
        return headers
    }
}
