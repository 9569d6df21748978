/// What the text of a packet says about itself: everything before the payload, and where in the payload the arguments stand.
///
/// The form is `type[attachments-][/namespace,][ack id][payload]` (Socket.IO protocol 5).
struct SocketPacketHeader {
    let kind: SocketPacket.Kind
    private(set) var attachmentCount = 0
    private(set) var namespace = "/"
    private(set) var ackID: UInt64?
    /// Equal to the length of the text if there is no payload.
    private(set) var payloadStart = 0
    private(set) var eventName: String?
    /// Counted from the start of the payload.
    private(set) var argumentRange = 0..<0

    /// Names that the parties use between themselves (trap 55 of the behaviour notes).
    static let reservedEventNames: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    init(reading bytes: UnsafeRawBufferPointer, limits: SocketPacketLimits) throws(SocketPacketError) {
        guard let first = bytes.first else { throw .empty }
        guard let kind = SocketPacket.Kind(rawValue: first &- UInt8(ascii: "0")) else { throw .unknownType(first) }
        self.kind = kind
        var index = 1
        if kind.isBinary { index = try readAttachmentCount(bytes, from: index, limit: limits.maxAttachments) }
        if index < bytes.count, bytes[index] == UInt8(ascii: "/") {
            index = try readNamespace(bytes, from: index, limit: limits.maxNamespaceLength)
        }
        index = try readAckID(bytes, from: index)
        payloadStart = index
        try readPayload(bytes, maxDepth: limits.maxDepth)
    }

    private mutating func readAttachmentCount(
        _ bytes: UnsafeRawBufferPointer, from start: Int, limit: Int
    ) throws(SocketPacketError) -> Int {
        var index = start
        // nine digits are beyond any limit and within any Int
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10, index - start < 9 {
            attachmentCount = attachmentCount * 10 + Int(bytes[index] &- UInt8(ascii: "0"))
            index += 1
        }
        guard index > start, index < bytes.count, bytes[index] == UInt8(ascii: "-") else { throw .invalidAttachmentCount }
        guard attachmentCount <= limit else { throw .tooManyAttachments(count: attachmentCount, limit: limit) }
        return index + 1
    }

    private mutating func readNamespace(_ bytes: UnsafeRawBufferPointer, from start: Int, limit: Int) throws(SocketPacketError) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != UInt8(ascii: ",") { index += 1 }
        guard index - start <= limit else { throw .namespaceTooLong(bytes: index - start, limit: limit) }
        namespace = String(decoding: bytes[start..<index], as: UTF8.self)
        return min(index + 1, bytes.count)
    }

    private mutating func readAckID(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(SocketPacketError) -> Int {
        var index = start
        var id: UInt64 = 0
        while index < bytes.count, bytes[index] &- UInt8(ascii: "0") < 10 {
            id = id * 10 + UInt64(bytes[index] &- UInt8(ascii: "0"))
            // what JavaScript can count to
            guard id <= 1 << 53 else { throw .ackIDTooLarge }
            index += 1
        }
        if index > start {
            guard kind.isEvent || kind.isAck else { throw .unexpectedAckID(kind) }
            ackID = id
        } else if kind.isAck {
            throw .missingAckID
        }
        return index
    }

    private mutating func readPayload(_ bytes: UnsafeRawBufferPointer, maxDepth: Int) throws(SocketPacketError) {
        guard payloadStart < bytes.count else {
            guard kind == .connect || kind == .disconnect || kind == .connectError else { throw .missingPayload(kind) }
            return
        }
        let first = bytes[payloadStart]
        switch kind {
        case .disconnect: throw .unexpectedPayload(kind)
        case .connect:
            guard first == UInt8(ascii: "{") else { throw .invalidPayload(kind, expected: "an object") }
            try scan(bytes, maxDepth: maxDepth)
        case .connectError:
            guard first == UInt8(ascii: "{") || first == UInt8(ascii: "\"") else {
                throw .invalidPayload(kind, expected: "an object or a string")
            }
            try scan(bytes, maxDepth: maxDepth)
        case .event, .binaryEvent, .ack, .binaryAck:
            guard first == UInt8(ascii: "[") else { throw .invalidPayload(kind, expected: "an array") }
            try scanArray(bytes, maxDepth: maxDepth)
        }
    }

    private func scan(_ bytes: UnsafeRawBufferPointer, maxDepth: Int) throws(SocketPacketError) {
        do throws(JSONError) {
            var scanner = JSONScanner(bytes, from: payloadStart, maxDepth: maxDepth)
            try scanner.scanDocument()
        } catch {
            throw wireError(error)
        }
    }

    /// The array of an event or an acknowledgement: one pass that checks it and finds the name and the arguments.
    private mutating func scanArray(_ bytes: UnsafeRawBufferPointer, maxDepth: Int) throws(SocketPacketError) {
        var scanner = JSONScanner(
            bytes, from: payloadStart + 1, maxDepth: maxDepth, attachmentCount: kind.isBinary ? attachmentCount : nil)
        do throws(JSONError) {
            var start = payloadStart + 1
            var end = start
            if scanner.peekPastWhitespace() == UInt8(ascii: "]") {
                end = scanner.index
                if kind.isEvent { throw JSONError(.unexpectedByte(UInt8(ascii: "]")), at: end) }
            } else {
                var isName = kind.isEvent
                while true {
                    let first = scanner.peekPastWhitespace()
                    let elementStart = scanner.index
                    try scanner.scanValue(depth: 1)
                    end = scanner.index
                    if isName { eventName = Self.name(first, UnsafeRawBufferPointer(rebasing: bytes[elementStart..<end])) }
                    guard scanner.peekPastWhitespace() == UInt8(ascii: ",") else {
                        if isName { start = end }
                        break
                    }
                    try scanner.skip(UInt8(ascii: ","))
                    if isName {
                        start = scanner.index
                        isName = false
                    }
                }
            }
            try scanner.skip(UInt8(ascii: "]"))
            guard scanner.peekPastWhitespace() == nil else { throw JSONError(.trailingBytes, at: scanner.index) }
            argumentRange = (start - payloadStart)..<(end - payloadStart)
        } catch {
            if kind.isEvent, case .unexpectedByte(UInt8(ascii: "]")) = error.reason, eventName == nil {
                throw .invalidPayload(kind, expected: "an event name")
            }
            throw wireError(error)
        }
        guard kind.isEvent else { return }
        guard let eventName else { throw .invalidPayload(kind, expected: "a string or a number as event name") }
        if Self.isReserved(eventName) { throw .reservedEventName(eventName) }
    }

    /// A string, or a number as its digits (trap 39 of the behaviour notes).
    private static func name(_ first: UInt8?, _ text: UnsafeRawBufferPointer) -> String? {
        guard let first else { return nil }
        switch first {
        case UInt8(ascii: "\""):
            var cursor = JSONCursor(text)
            return cursor.readString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return String(decoding: text, as: UTF8.self)
        default: return nil
        }
    }

    private static func isReserved(_ name: String) -> Bool {
        switch name.utf8.first {
        case UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "n"), UInt8(ascii: "r"): reservedEventNames.contains(name)
        default: false
        }
    }

    private func wireError(_ error: JSONError) -> SocketPacketError {
        if error.reason == .illegalAttachment { return .illegalAttachments }
        return .invalidJSON(JSONError(error.reason, at: error.offset - payloadStart))
    }
}
