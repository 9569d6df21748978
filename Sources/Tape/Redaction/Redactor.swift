import NIOCore

/// Takes the secrets out of records, on the writer's thread, before they become rows.
final class Redactor {
    private let redaction: Redaction
    private let pathsByEvent: [String: [RulePath]]
    private let pathsEverywhere: [RulePath]
    private var names: SecretNames

    /// Nil if nothing is to be taken out.
    init?(_ redaction: Redaction) {
        guard redaction.isOn else { return nil }
        self.redaction = redaction
        names = SecretNames(adding: redaction.names)
        pathsEverywhere = redaction.paths.filter { $0.event == nil }.map(\.path)
        pathsByEvent = Dictionary(grouping: redaction.paths.filter { $0.event != nil }) { $0.event ?? "" }.mapValues { $0.map(\.path) }
    }

    func isSecret(_ name: UnsafeRawBufferPointer) -> Bool { names.contains(name) }

    func isSecret(_ name: some Sequence<UInt8>) -> Bool { Array(name).withUnsafeBytes { names.contains($0) } }

    /// What stands in the place of a secret.
    func token(for value: some Sequence<UInt8>) -> String {
        let value = Array(value)
        // it has been taken out before
        if RedactedValue.isWhole(value) { return String(decoding: value, as: UTF8.self) }
        let hash = SHA256.authenticate(value, key: redaction.key).prefix(RedactedValue.digits / 2)
        return RedactedValue.prefix + hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: Payloads

    /// The JSON text and the attachments of a packet without their secrets; nil if there are none, as in most packets.
    ///
    /// - Parameter event: its name; nil for acks, connects and their errors.
    func redacted(_ payload: ByteBuffer?, _ attachments: [ByteBuffer], event: String?) -> (payload: ByteBuffer?, attachments: [ByteBuffer])?
    {
        var edits = JSONEdits()
        if let payload {
            payload.withUnsafeReadableBytes { bytes in
                JSONRedaction(redactor: self, bytes: bytes).scan(into: &edits)
                let paths = paths(for: event)
                if !paths.isEmpty { PathRedaction(redactor: self, bytes: bytes, paths: paths).scan(isEvent: event != nil, into: &edits) }
            }
        }
        if edits.isEmpty, attachments.isEmpty { return nil }
        var attachments = attachments
        for index in attachments.indices {
            if edits.attachments.contains(index) {
                attachments[index] = ByteBuffer(string: token(for: attachments[index].readableBytesView))
            } else if let clean = redactedAttachment(attachments[index]) {
                attachments[index] = clean
            }
        }
        return (edits.isEmpty ? payload : payload.map { edits.applied(to: $0) }, attachments)
    }

    private func paths(for event: String?) -> [RulePath] {
        if pathsByEvent.isEmpty { return pathsEverywhere }
        return pathsEverywhere + (event.flatMap { pathsByEvent[$0] } ?? [])
    }

    func redacted(auth: ByteBuffer?) -> ByteBuffer? {
        if let clean = redacted(auth, [], event: nil) { clean.payload } else { auth }
    }

    /// An attachment that is JSON text; nil if there is nothing to change.
    func redactedAttachment(_ attachment: ByteBuffer) -> ByteBuffer? {
        guard let first = attachment.readableBytesView.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        return redactedJSON(attachment)
    }

    /// JSON text, whole or broken off; nil if there is nothing to change.
    func redactedJSON(_ text: ByteBuffer, depth: Int = 0) -> ByteBuffer? {
        var edits = JSONEdits()
        text.withUnsafeReadableBytes { JSONRedaction(redactor: self, bytes: $0, depth: depth).scan(into: &edits) }
        return edits.isEmpty ? nil : edits.applied(to: text)
    }

    /// Text of any kind: what nobody could decode, or a reason.
    func redacted(text: String) -> String {
        let json = redactedJSON(ByteBuffer(string: text)).map { String(buffer: $0) } ?? text
        return redactedPairs(json, separators: "&; \t\r\n,\"'")
    }

    // MARK: Handshakes

    func redacted(_ connection: TapeConnection) -> TapeConnection {
        var connection = connection
        connection.url = redacted(url: connection.url)
        for index in connection.headers.indices {
            connection.headers[index].value = redacted(header: connection.headers[index].name, connection.headers[index].value)
        }
        return connection
    }

    private func redacted(header name: String, _ value: String) -> String {
        switch SecretNames.normalized(name.utf8) {
        case "cookie": return cookies(value, isAnswer: false)
        case "setcookie": return cookies(value, isAnswer: true)
        case let name where name.hasSuffix("authorization"):
            // The scheme is no secret, and the token behind it is the one that an `auth` may hold too.
            guard let space = value.firstIndex(of: " ") else { return token(for: value.utf8) }
            return value[...space] + token(for: value[value.index(after: space)...].utf8)
        default: return isSecret(name.utf8) && !value.isEmpty ? token(for: value.utf8) : redacted(url: value)
        }
    }

    /// Each cookie's value; of a `Set-Cookie` only the first part is one.
    private func cookies(_ value: String, isAnswer: Bool) -> String {
        let parts = value.split(separator: ";", omittingEmptySubsequences: false).enumerated().map { index, part -> String in
            if isAnswer, index > 0 { return String(part) }
            guard let equals = part.firstIndex(of: "=") else {
                return part.allSatisfy(\.isWhitespace) ? String(part) : token(for: part.utf8)
            }
            let value = part[part.index(after: equals)...]
            return part[...equals] + (value.isEmpty ? "" : token(for: value.utf8))
        }
        return parts.joined(separator: ";")
    }

    /// Secrets in the query, in a fragment that is written like one, and in `user:password@`.
    func redacted(url: String) -> String {
        var text = url
        if let scheme = text.firstRange(of: "://"),
            let at = text[scheme.upperBound...].prefix(while: { !"/?# ".contains($0) }).lastIndex(of: "@"),
            let colon = text[scheme.upperBound..<at].firstIndex(of: ":")
        {
            text.replaceSubrange(text.index(after: colon)..<at, with: token(for: text[text.index(after: colon)..<at].utf8))
        }
        guard let start = text.firstIndex(where: { $0 == "?" || $0 == "#" }) else { return text }
        return text[...start] + redactedPairs(text[text.index(after: start)...], separators: "&;#? \t\"'<>")
    }

    /// `name=value` pairs with such separators between them.
    private func redactedPairs(_ text: some StringProtocol, separators: String) -> String {
        guard text.contains("=") else { return String(text) }
        var result = ""
        var rest = text[...]
        while !rest.isEmpty {
            let pair = rest.prefix { !separators.contains($0) }
            rest = rest[pair.endIndex...]
            if let equals = pair.firstIndex(of: "="), isSecret(Self.percentDecoded(pair[..<equals].utf8)),
                pair.index(after: equals) < pair.endIndex
            {
                result += pair[...equals] + token(for: Self.percentDecoded(pair[pair.index(after: equals)...].utf8))
            } else {
                result += pair
            }
            if let separator = rest.popFirst() { result.append(separator) }
        }
        return result
    }

    private static func percentDecoded(_ text: some Collection<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                decoded.append(value)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return decoded
    }
}
