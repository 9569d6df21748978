import EngineIO
package import NIOCore
import SocketIOWire

/// How a client of Socket.IO 2 names a namespace: with a query behind it, which is its `auth` (row H8 of the behaviour notes).
package struct LegacyNamespace {
    package let name: String
    private let query: Substring?

    package init(_ text: String) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        name = parts.first.map(String.init) ?? "/"
        query = parts.count > 1 ? parts[1] : nil
    }

    /// The query as a JSON object; nil if there is none.
    package var auth: ByteBuffer? {
        guard let query else { return nil }
        let pairs = EngineRequest.pairs(of: query)
        return JSONValue.object(JSONObject(pairs.map { (key: $0.name, value: JSONValue.string($0.value)) })).serialized()
    }
}
