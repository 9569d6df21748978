import HTTPTypes
package import NIOCore
import NIOPosix
import SocketIOWire

/// What the answer to a poll looks like: as it is, as a script (JSONP), compressed.
extension Engine {
    /// Bodies above this many bytes are compressed on another thread: this one has other clients to serve.
    private static let inPlaceLimit = 32 << 10

    /// Answers a poll. From any thread.
    ///
    /// - Parameter headers: what this answer has beside those of every answer.
    func respond(to poll: EngineResponder, with body: PollingBody, headers: HTTPFields = [:]) {
        var response = answer(to: poll.request, body)
        response.headers.append(contentsOf: headers)
        respond(to: poll, with: response, mayCompress: body.mayCompress)
    }

    private func respond(to poll: EngineResponder, with response: EngineResponse, mayCompress: Bool) {
        guard mayCompress, let compression = options.httpCompression, response.body.readableBytes >= compression.threshold,
            let encoding = ContentEncoding.preferred(in: poll.request.headers[.acceptEncoding], of: [.gzip, .deflate])
        else { return poll.respond(response) }
        guard response.body.readableBytes > Self.inPlaceLimit else { return poll.respond(response.compressed(as: encoding)) }
        NIOThreadPool.singleton.submit { _ in poll.respond(response.compressed(as: encoding)) }
    }

    private func answer(to request: EngineRequest, _ body: PollingBody) -> EngineResponse {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let agent = request.headers[.userAgent], agent.contains(";MSIE") || agent.contains("Trident/") {
            // Internet Explorer takes a poll for an attack (row C13 of the behaviour notes).
            if let name = HTTPField.Name("X-XSS-Protection") { headers[name] = "0" }
        }
        guard let index = request.query("j") else {
            headers[.contentType] = body.isBinary ? "application/octet-stream" : "text/plain; charset=UTF-8"
            return EngineResponse(status: .ok, headers: headers, body: body.bytes)
        }
        headers[.contentType] = "text/javascript; charset=UTF-8"
        return EngineResponse(status: .ok, headers: headers, body: JSONP.script(body.bytes, callback: index))
    }
}

/// How a body may be compressed. Polling answers never are by brotli (row F8 of the behaviour notes).
package enum ContentEncoding: String, Sendable {
    case gzip
    case deflate
    /// Only of bytes that were compressed beforehand.
    case brotli = "br"

    /// The one that the client likes best; the first of its list where it likes several the same.
    ///
    /// - Parameter offered: what can be had; `*` means the first of it.
    package static func preferred(in accepted: String?, of offered: [ContentEncoding]) -> ContentEncoding? {
        guard let accepted else { return nil }
        var best: (encoding: ContentEncoding, quality: Double)?
        for item in accepted.split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let name = parts.first else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            guard let encoding = name == "*" ? offered.first : ContentEncoding(rawValue: name), offered.contains(encoding), quality > 0,
                quality > best?.quality ?? 0
            else { continue }
            best = (encoding, quality)
        }
        return best?.encoding
    }

    /// The bytes in this encoding; nil if they cannot be compressed here.
    package func compress(_ bytes: ByteBuffer) -> ByteBuffer? {
        switch self {
        case .gzip: Compression.deflate(bytes, as: .gzip)
        // What HTTP calls deflate has zlib's envelope.
        case .deflate: Compression.deflate(bytes, as: .zlib)
        case .brotli: nil
        }
    }
}

extension EngineResponse {
    /// The same answer with its body compressed.
    func compressed(as encoding: ContentEncoding) -> EngineResponse {
        guard let body = encoding.compress(body) else { return self }
        var response = self
        response.body = body
        response.headers[.contentEncoding] = encoding.rawValue
        return response
    }
}
