import HTTPTypes
import Hummingbird
import NIOCore
import SocketIOWire

extension Response {
    /// The answer with an entity tag over its bytes; to a client that has it already, 304 without a body.
    static func tagged(_ body: ByteBuffer, _ headers: HTTPFields, for request: Request) -> Response {
        let tag = "\"\(FileResponse.fingerprint(of: body.readableBytesView))\""
        var headers = headers
        headers[.eTag] = tag
        headers[.cacheControl] = "private, max-age=0, must-revalidate"
        let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",").map { String($0.trimmingPrefix { $0 == " " }) }
        guard known.contains(where: { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }) else {
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: body))
        }
        headers[.contentType] = nil
        headers[.contentDisposition] = nil
        return Response(status: .notModified, headers: headers)
    }

    /// A JSON answer; tagged where it cannot change any more, or often has not when it is asked for again.
    static func json(_ text: ByteBuffer, for request: Request) -> Response {
        tagged(text, [.contentType: "application/json; charset=utf-8"], for: request)
    }

    static func json(_ value: JSONValue, isTagged: Bool = false, for request: Request) -> Response {
        guard isTagged else { return Response(json: value) }
        return json(value.serialized(), for: request)
    }
}
