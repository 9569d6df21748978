/// The WebSocket extension permessage-deflate (RFC 7692), always without context takeover: each message stands alone, so a broadcast is
/// deflated once for all, and an idle connection holds no zlib stream.
package enum PerMessageDeflate {
    /// The answer to a client's `Sec-WebSocket-Extensions`; `nil` if nothing in it can be agreed on.
    ///
    /// Of several offers the first that fits is taken. An offer that asks for a smaller window on our side is passed over: frames are shared by
    /// all receivers, and are made with the full one.
    package static func answer(to offers: String) -> String? {
        for offer in offers.split(separator: ",") {
            var parts = offer.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard !parts.isEmpty, parts.removeFirst() == "permessage-deflate" else { continue }
            if isAcceptable(parts) { return "permessage-deflate; server_no_context_takeover; client_no_context_takeover" }
        }
        return nil
    }

    private static func isAcceptable(_ parameters: [String]) -> Bool {
        var seen: Set<String> = []
        return parameters.allSatisfy { parameter in
            let sides = parameter.split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = sides.first, seen.insert(name).inserted else { return false }
            let value = sides.count > 1 ? sides[1].filter { $0 != "\"" } : nil
            switch name {
            case "server_no_context_takeover", "client_no_context_takeover": return value == nil
            case "client_max_window_bits": return value.map { Int($0).map { (8...15).contains($0) } ?? false } ?? true
            case "server_max_window_bits": return value == "15"
            default: return false
            }
        }
    }
}
