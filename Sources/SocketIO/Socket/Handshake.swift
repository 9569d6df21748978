public import EngineIO
public import HTTPTypes
import NIOCore
public import SocketIOWire

/// How a client introduced itself: its first HTTP request, and what it sent with CONNECT.
public struct Handshake: Sendable {
    /// The first request of the connection.
    public let request: EngineRequest
    let authPayload: ByteBuffer?

    init(request: EngineRequest, authPayload: ByteBuffer?) {
        self.request = request
        self.authPayload = authPayload
    }

    /// What the client gave as `auth`: an object, `{}` if it gave nothing.
    public var auth: JSONObject {
        guard let authPayload, case .object(let object)? = try? JSONValue(parsing: authPayload) else { return [:] }
        return object
    }

    /// Reads `auth` as a type of yours.
    ///
    /// - Throws: `ArgumentError` if it does not fit.
    public func auth<Value: Decodable>(as type: Value.Type) throws(ArgumentError) -> Value {
        var reader = ArgumentReader(JSONArguments(uncheckedJSON: authPayload ?? ByteBuffer(string: "{}")))
        return try reader.next(type)
    }

    /// Header fields of the first request.
    public var headers: HTTPFields { request.headers }
    /// The query of the URL, in order.
    public var query: [(name: String, value: String)] { request.query }
    /// Address of the client as the server sees it, without port.
    public var address: String? { request.remoteAddress }
    /// Whether the connection came in over TLS.
    public var isSecure: Bool { request.isSecure }
    /// Path and query of the request, as they came.
    public var url: String { request.url }
    /// When the request came in.
    public var time: Timestamp { Timestamp(microseconds: request.at) }
}
