import NIOCore
import NIOHTTP1
import SocketIOWire

/// Reads what a server says with an error status: `{"code":1,"message":"Session ID unknown"}`, or any text.
enum ErrorBody {
    static func error(of answer: HTTPAnswer) -> EngineClientError {
        let status = answer.status
        if let value = try? JSONValue(parsing: answer.body), case .object(let object) = value,
            case .string(let message)? = object["message"]
        {
            var code: Int?
            if case .integer(let number)? = object["code"] { code = Int(number) }
            return .refused(status: status, code: code, message: message)
        }
        var message = beginning(of: answer.body)
        if (300..<400).contains(status), let location = answer.head.headers.first(name: "location") {
            message = "it moved to \(location)" + (message.isEmpty ? "" : "; \(message)")
        }
        return .refused(status: status, code: nil, message: message.isEmpty ? answer.head.status.reasonPhrase : message)
    }

    /// The first line or so of a body, fit to be shown.
    static func beginning(of body: ByteBuffer) -> String {
        let text = String(decoding: body.readableBytesView.prefix(300), as: UTF8.self)
        let shown = text.unicodeScalars.map { $0.value < 0x20 ? " " : Character($0) }
        return String(shown).split(separator: " ").joined(separator: " ")
    }
}
