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
        let cors = options.cors
        let origin = request.headers[.origin]
        var headers: HTTPFields = [:]
        switch cors.origins {
        case .none:
            return [:]
        case .any:
            headers[.accessControlAllowOrigin] = "*"
        case .some(let origins):
            headers[.vary] = "Origin"
            headers[.accessControlAllowOrigin] = origin.flatMap { origins.contains($0) ? $0 : nil }
        case .matching(let isAllowed):
            headers[.vary] = "Origin"
            headers[.accessControlAllowOrigin] = origin.flatMap { isAllowed($0) ? $0 : nil }
        }
        if cors.credentials, headers[.accessControlAllowOrigin] != nil { headers[.accessControlAllowCredentials] = "true" }
        if !cors.exposedHeaders.isEmpty { headers[.accessControlExposeHeaders] = cors.exposedHeaders.joined(separator: ",") }
        return headers
    }

    /// The answer to a preflight; nil if cross-origin use is off, so that OPTIONS is a bad method like others (trap 29).
    func preflight(of request: EngineRequest) -> EngineResponse? {
        let cors = options.cors
        guard !cors.isDisabled else { return nil }
        var headers: HTTPFields = [
            .accessControlAllowMethods: cors.methods.joined(separator: ","), .contentLength: "0",
        ]
        if let allowed = cors.allowedHeaders {
            headers[.accessControlAllowHeaders] = allowed.joined(separator: ",")
        } else if let wanted = request.headers[.accessControlRequestHeaders] {
            headers[.accessControlAllowHeaders] = wanted
            headers[.vary] = "Access-Control-Request-Headers"
        }
        if let maxAge = cors.maxAge { headers[.accessControlMaxAge] = String(maxAge) }
        return EngineResponse(status: HTTPResponse.Status(code: cors.optionsSuccessStatus), headers: headers)
    }
}
