import CTapedeckFiles

/// A file of `web/` or `migrations/`, compiled into the executable.
package struct EmbeddedFile: Sendable {
    /// As seen from the package's root, "migrations/0001_tape.sql".
    package let path: String
    /// The content, in the executable's read-only data: valid for the life of the process.
    nonisolated(unsafe) package let bytes: UnsafeRawBufferPointer  // never written, never freed

    package static let all: [EmbeddedFile] = UnsafeBufferPointer(start: tapedeck_files(), count: tapedeck_files_count()).map {
        EmbeddedFile(path: String(cString: $0.path), bytes: UnsafeRawBufferPointer(start: $0.bytes, count: $0.count))
    }

    private static let byPath = Dictionary(all.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

    package static func named(_ path: String) -> EmbeddedFile? { byPath[path] }

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
