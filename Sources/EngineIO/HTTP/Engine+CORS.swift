import HTTPTypes

/// Cross-origin headers (rows F1 to F5 of the behaviour notes): they tell browsers what a page may read, and refuse nothing.
extension Engine {
    /// All header fields of an answer.
    func headers(for response: EngineResponse, to request: EngineRequest) -> HTTPFields {
        var headers = response.headers
        headers.append(contentsOf: corsHeaders(for: request))
        if let every = options.headers?(request) { headers.append(contentsOf: every) }
        return headers
    }

    func corsHeaders(for request: EngineRequest) -> HTTPFields {
        switch options.cors {
        case .disabled:
            return [:]
        case .any:
            return [.accessControlAllowOrigin: "*"]
        case .origins(let origins, let credentials):
            var headers: HTTPFields = [.vary: "Origin"]
            if let origin = request.headers[.origin], origins.contains(origin) {
                headers[.accessControlAllowOrigin] = origin
                if credentials { headers[.accessControlAllowCredentials] = "true" }
            }
            return headers
        }
    }

    /// The answer to a preflight; nil if cross-origin use is off, so that OPTIONS is a bad method like others (trap 29).
    func preflight(of request: EngineRequest) -> EngineResponse? {
        guard options.cors != .disabled else { return nil }
        var headers: HTTPFields = [.accessControlAllowMethods: "GET,HEAD,PUT,PATCH,POST,DELETE", .contentLength: "0"]
        if let wanted = request.headers[.accessControlRequestHeaders] {
            headers[.accessControlAllowHeaders] = wanted
            headers[.vary] = "Access-Control-Request-Headers"
        }
        return EngineResponse(status: .noContent, headers: headers)
    }
}
