/// The key of a WebSocket request: 16 random bytes in base64 (RFC 6455, 4.1).
enum WebSocketKey {
    static func random() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        // 128 bits are 21 digits of six bits and one of two, whose other four are zero.
        var digits = (0..<21).map { _ in alphabet[Int.random(in: 0..<64)] }
        digits.append(alphabet[Int.random(in: 0..<4) << 4])
        return String(decoding: digits, as: UTF8.self) + "=="
    }
}
