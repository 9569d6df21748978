import HTTPTypes
public import Hummingbird
import Tape

/// The playground's page at `/` and the files it asks for below `/playground/`.
public struct PlaygroundPage: Sendable {
    public init() {}

    public func addRoutes(to router: Router<InspectorContext>) {
        router.get("/") { request, _ in try answer("index.html", request) }
        router.get("/playground/:file") { request, context in
            try answer(context.parameters.require("file"), request)
        }
    }

    private func answer(_ name: String, _ request: Request) throws -> Response {
        guard let file = EmbeddedFile.named("web/playground/\(name)") else { throw HTTPError(.notFound) }
        let answer = FileResponse(file, request: request.headers)
        var headers = answer.headers
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentSecurityPolicy] =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; frame-ancestors 'none'"
        return Response(status: answer.status, headers: headers, body: .init(byteBuffer: answer.body))
    }
}
