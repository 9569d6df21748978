package import NIOCore

/// What servers of a cluster say to each other: a map in MessagePack, so that bytes travel as bytes.
package enum ClusterMessage {
    package static func encode(_ message: JSONObject) -> ByteBuffer {
        var buffer = ByteBuffer()
        MessagePackWriter.write(.object(message), into: &buffer)
        return buffer
    }

    /// `nil` if it is none.
    package static func decode(_ bytes: ByteBuffer) -> JSONObject? {
        guard case .object(let message)? = try? MessagePackReader.value(of: bytes, maxDepth: 300) else { return nil }
        return message
    }
}
