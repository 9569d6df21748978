import CTapedeckFiles
import EngineIO
import Foundation
import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire

/// The browser client's files, served below the Socket.IO path: `/socket.io/socket.io.js` and its kin (section 1.G of the behaviour notes).
final class ClientFiles: Sendable {
    /// What may be asked for, and nothing else, whatever lies in a directory.
    private static let names: Set<String> = Set(
        ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"].flatMap { [$0, $0 + ".map"] })

    private struct File {
        let bytes: ByteBuffer
        let tag: String
        var compressed: [ContentEncoding: ByteBuffer] = [:]
    }

    private let path: String
    private let directory: String?
    /// Read, or compressed, when first asked for.
    private let files = NIOLockedValueBox<[String: File?]>([:])

    /// - Parameters:
    ///   - path: the Socket.IO path, with its slashes.
    ///   - directory: where to take the files from; our own client if nil.
    init(path: String, directory: String?) {
        self.path = path.hasSuffix("/") ? path : path + "/"
        self.directory = directory
    }

    /// The answer to a request for a file, nil if it is for none of them. Query and method do not matter.
    func answer(_ request: EngineRequest) -> EngineResponse? {
        guard request.path.hasPrefix(path) else { return nil }
        let name = String(request.path.dropFirst(path.count))
        guard Self.names.contains(name) else { return nil }
        guard let (body, tag, encoding) = content(of: name, accepted: request.headers[.acceptEncoding]) else { return nil }
        var headers: HTTPFields = [
            .contentType: name.hasSuffix(".map") ? "application/json; charset=utf-8" : "application/javascript; charset=utf-8",
            .cacheControl: "public, max-age=0", .eTag: tag, .vary: "Accept-Encoding",
        ]
        let known = request.headers[.ifNoneMatch]?.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } } ?? []
        if known.contains(where: { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }) {
            return EngineResponse(status: .notModified, headers: headers)
        }
        if let encoding { headers[.contentEncoding] = encoding.rawValue }
        return EngineResponse(status: .ok, headers: headers, body: body)
    }

    private func content(of name: String, accepted: String?) -> (body: ByteBuffer, tag: String, encoding: ContentEncoding?)? {
        files.withLockedValue { files in
            if files[name] == nil { files[name] = .some(read(name)) }
            guard var file = files[name] ?? nil else { return nil }
            let offered: [ContentEncoding] = file.compressed[.brotli] == nil ? [.gzip, .deflate] : [.gzip, .deflate, .brotli]
            guard let encoding = ContentEncoding.preferred(in: accepted, of: offered) else { return (file.bytes, file.tag, nil) }
            if file.compressed[encoding] == nil {
                file.compressed[encoding] = encoding.compress(file.bytes)
                files[name] = file
            }
            guard let small = file.compressed[encoding] else { return (file.bytes, file.tag, nil) }
            return (small, file.tag, encoding)
        }
    }

    /// A file, with what brotli makes of it if that lies ready beside it.
    private func read(_ name: String) -> File? {
        guard let bytes = bytes(of: name) else { return nil }
        var file = File(bytes: bytes, tag: "\"\(Self.fingerprint(of: bytes))\"")
        file.compressed[.brotli] = self.bytes(of: "\(name).br")
        return file
    }

    /// A file's bytes, from the directory or from what is built in.
    private func bytes(of name: String) -> ByteBuffer? {
        if let directory {
            // A file that is not there is not served.
            return (try? Data(contentsOf: URL(filePath: directory).appending(path: name))).map { ByteBuffer(bytes: $0) }
        }
        let wanted = "web/client/dist/\(name)"
        let embedded = UnsafeBufferPointer(start: tapedeck_files(), count: tapedeck_files_count())
        return embedded.first { String(cString: $0.path) == wanted }.map {
            ByteBuffer(bytes: UnsafeRawBufferPointer(start: $0.bytes, count: $0.count))
        }
    }

    /// FNV-1a over the bytes: tells two builds of a file apart; nothing secret depends on it.
    private static func fingerprint(of bytes: ByteBuffer) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes.readableBytesView { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
