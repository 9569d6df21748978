package import NIOCore
import SocketIOWire

/// Polling by script elements, for browsers without cross-origin requests (row C15 of the behaviour notes): answers are scripts that call a
/// function of the page, POSTs are forms with the payload in the field `d`.
package enum JSONP {
    /// - Parameter callback: the number of the page's function; what is no digit is left out.
    static func script(_ payload: ByteBuffer, callback: String) -> ByteBuffer {
        let index = callback.filter { ("0"..."9").contains($0) }
        // JSON is a script, but for two separators of lines.
        let text = JSONText.quoted(String(buffer: payload))
            .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029")
        return ByteBuffer(string: "___eio[\(index)](\(text));")
    }

    /// The payload in a form; nil if it has none.
    ///
    /// The client's form turns line breaks into `\n`, having made `\\n` of a backslash and an n that were there before.
    package static func payload(ofForm body: ByteBuffer) -> ByteBuffer? {
        let form = EngineRequest.pairs(of: Substring(String(buffer: body)))
        guard let text = form.first(where: { $0.name == "d" })?.value else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        let backslash = UInt8(ascii: "\\")
        let newline = UInt8(ascii: "n")
        while let byte = rest.popFirst() {
            if byte == backslash, rest.first == newline {
                rest = rest.dropFirst()
                bytes.append(UInt8(ascii: "\n"))
            } else if byte == backslash, rest.first == backslash, rest.dropFirst().first == newline {
                rest = rest.dropFirst(2)
                bytes += [backslash, newline]
            } else {
                bytes.append(byte)
            }
        }
        return ByteBuffer(bytes: bytes)
    }
}
