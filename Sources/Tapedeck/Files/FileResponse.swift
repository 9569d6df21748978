import HTTPTypes
import NIOCore
import Tape

/// An embedded file as an HTTP answer: its type, an entity tag and, to a client that has it already, 304.
struct FileResponse {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: ByteBuffer

    init(_ file: EmbeddedFile, request: HTTPFields) {
        let tag = "\"\(Self.fingerprint(of: file.bytes))\""
        var headers: HTTPFields = [
            .contentType: Self.contentType(of: file.path),
            .cacheControl: "public, max-age=0",
            .eTag: tag,
        ]
        let known = request[.ifNoneMatch]?.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } } ?? []
        if known.contains(where: { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }) {
            status = .notModified
            body = ByteBuffer()
        } else {
            status = .ok
            body = ByteBuffer(bytes: file.bytes)
            headers[.contentLength] = String(body.readableBytes)
        }
        self.headers = headers
    }

    static func contentType(of path: String) -> String {
        switch path.split(separator: ".").last {
        case "js": "application/javascript; charset=utf-8"
        case "map", "json": "application/json; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "html": "text/html; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }

    /// FNV-1a over the bytes: tells two builds of a file apart; nothing secret depends on it.
    static func fingerprint(of bytes: some Sequence<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
