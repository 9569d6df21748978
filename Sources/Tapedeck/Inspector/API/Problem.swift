import HTTPTypes
import Hummingbird
import NIOCore
import SocketIOWire

/// What went wrong with a request, as a problem document (RFC 9457).
struct Problem: Error {
    var status: HTTPResponse.Status
    var title: String
    var detail: String
    /// The query parameter at fault, if it was one.
    var parameter: String?
    var headers: HTTPFields = [:]

    /// A parameter whose value cannot be used; `takes` says what it takes.
    static func parameter(_ name: String, takes: String) -> Problem {
        Problem(status: .badRequest, title: "Bad parameter", detail: "'\(name)' takes \(takes).", parameter: name)
    }

    var response: Response {
        var document: JSONObject = [
            "type": "about:blank",
            "title": .string(title),
            "status": .integer(Int64(status.code)),
            "detail": .string(detail),
        ]
        if let parameter { document["parameter"] = .string(parameter) }
        var headers = headers
        headers[.contentType] = "application/problem+json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: JSONValue.object(document).serialized()))
    }
}
