import HTTPTypes
import Hummingbird
import Logging

/// Refuses what ``InspectorAccess`` does not allow. It stands at the routes themselves, so no spelling of a path leads around it.
struct InspectorFence: RouterMiddleware {
    let access: InspectorAccess

    func handle(
        _ request: Request, context: InspectorContext, next: (Request, InspectorContext) async throws -> Response
    ) async throws -> Response {
        if let refusal = access.refusal(of: request, context: context) { throw refusal }
        return try await next(request, context)
    }
}

/// Around all routes: only GET and HEAD, problem documents for what goes wrong, security headers on every answer, times for `/metrics`.
struct InspectorGate: RouterMiddleware {
    let access: InspectorAccess
    let metrics: InspectorMetrics

    func handle(
        _ request: Request, context: InspectorContext, next: (Request, InspectorContext) async throws -> Response
    ) async throws -> Response {
        guard access.isInspector(request.uri.path) else {
            var response = try await next(request, context)
            response.headers[.xContentTypeOptions] = "nosniff"
            Self.addPolicies(to: &response.headers)
            return response
        }
        let start = ContinuousClock.now
        var response = await answer(to: request, context: context, next: next)
        response.headers[.cacheControl] = response.headers[.cacheControl] ?? "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        Self.addPolicies(to: &response.headers)
        metrics.answered(context.endpointPath, status: response.status.code, after: .now - start)
        return response
    }

    private static func addPolicies(to headers: inout HTTPFields) {
        for (name, value) in [
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
    }

    private func answer(
        to request: Request, context: InspectorContext, next: (Request, InspectorContext) async throws -> Response
    ) async -> Response {
        if let refusal = access.refusal(of: request, context: context) { return refusal.response }
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
        } catch {
            // What it was may hold what is nobody's business.
            context.logger.error("The inspector failed", metadata: ["error": "\(error)"])
            return Problem(status: .internalServerError, title: "It failed", detail: "The server's log says why.").response
        }
    }
}
