public import HTTPTypes
public import NIOCore

/// An HTTP answer in one piece.
public struct EngineResponse: Sendable {
    /// Status of the answer.
    public var status: HTTPResponse.Status
    /// Its header fields.
    public var headers: HTTPFields
    /// Its body, in one piece.
    public var body: ByteBuffer

    public init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    static func empty(_ status: HTTPResponse.Status) -> EngineResponse { EngineResponse(status: status) }

    /// Not an answer: the connection is ended without one.
    static let hangUp = EngineResponse(status: HTTPResponse.Status(code: 444))
    var isHangUp: Bool { status.code == 444 }

    /// The answer to a POST that was taken.
    static let ok = EngineResponse(
        status: .ok, headers: [.contentType: "text/html", .cacheControl: "no-store"], body: ByteBuffer(string: "ok"))

    /// Why a request was refused, as Node's server says it: JSON, 403 for `Forbidden` and 400 for the rest.
    static func error(_ error: HandshakeError) -> EngineResponse {
        EngineResponse(
            status: error.code == .forbidden ? .forbidden : .badRequest, headers: [.contentType: "application/json"],
            body: ByteBuffer(string: "{\"code\":\(error.code.rawValue),\"message\":\(JSONText.quoted(error.message))}"))
    }

    /// The same over an upgrade request: always 400, text, and the connection ends (row B7 of the behaviour notes).
    static func upgradeError(_ message: String) -> EngineResponse {
        EngineResponse(status: .badRequest, headers: [.connection: "close", .contentType: "text/html"], body: ByteBuffer(string: message))
    }
}
