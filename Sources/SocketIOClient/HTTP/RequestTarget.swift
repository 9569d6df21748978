import NIOCore
package import SocketIOWire

/// The targets (path and query) of a connection's requests.
package struct RequestTarget: Sendable {
    private let prefix: String
    /// Base of the `t` parameter, which keeps caches on the way from answering a poll.
    private let stamp: String
    private var count: UInt64 = 0

    init(_ configuration: EngineClient.Configuration) {
        var prefix = configuration.path.hasPrefix("/") ? configuration.path : "/" + configuration.path
        prefix = Self.encoded(prefix, allowing: "/%")
        prefix += "?"
        if !configuration.url.query.isEmpty { prefix += Self.encoded(configuration.url.query, allowing: "&=+%/:;,?@!$'()*") + "&" }
        for (name, value) in configuration.query { prefix += "\(Self.encoded(name))=\(Self.encoded(value))&" }
        self.prefix = prefix + "EIO=\(configuration.revision.rawValue)&transport="
        stamp = String(UInt64.random(in: 0..<(36 * 36 * 36 * 36 * 36)), radix: 36)
    }

    mutating func next(_ transport: ClientTransport, sid: String?) -> String {
        var target = prefix + transport.rawValue
        if transport == .polling {
            target += "&t=\(stamp)\(String(count, radix: 36))"
            count += 1
        }
        if let sid { target += "&sid=\(Self.encoded(sid))" }
        return target
    }

    /// The members of an object as a query; values that are no strings as JSON.
    package static func query(_ object: JSONObject) -> String {
        object.map { "\(encoded($0.key))=\(encoded($0.value.stringValue ?? $0.value.description))" }.joined(separator: "&")
    }

    /// Percent-encodes all but RFC 3986's unreserved characters and those of `allowed`.
    static func encoded(_ text: String, allowing allowed: String = "") -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                if allowed.utf8.contains(byte) {
                    bytes.append(byte)
                } else {
                    bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
