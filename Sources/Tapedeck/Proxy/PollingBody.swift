import EngineIO
import NIOCore
import SocketIOWire

/// The packets in the bodies of polling requests and their answers.
enum PollingBody {
    /// What a client has sent.
    static func packets(ofPost body: ByteBuffer, contentType: String?, _ request: ProxiedRequest) -> [EnginePacket] {
        guard request.isJSONP else { return packets(body, contentType, request) }
        return JSONP.payload(ofForm: body).map { packets($0, nil, request) } ?? []
    }

    /// What a server has answered.
    static func packets(ofAnswer body: ByteBuffer, contentType: String?, _ request: ProxiedRequest) -> [EnginePacket] {
        guard request.isJSONP else { return packets(body, contentType, request) }
        // ___eio[0]("…");
        let text = String(buffer: body)
        guard let start = text.firstIndex(of: "("), let end = text.lastIndex(of: ")"), start < end,
            let payload = try? JSONValue(parsing: String(text[text.index(after: start)..<end])).stringValue
        else { return [] }
        return packets(ByteBuffer(string: payload), nil, request)
    }

    private static func packets(_ body: ByteBuffer, _ contentType: String?, _ request: ProxiedRequest) -> [EnginePacket] {
        let isBinary = contentType?.lowercased().hasPrefix("application/octet-stream") ?? false
        // Packets before a bad one have been said; what is bad the other side refuses.
        return request.revision.packets(of: body, isBinary: isBinary).packets
    }
}
