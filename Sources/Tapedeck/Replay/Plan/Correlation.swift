import SocketIOWire

/// Finds the values of a recording that the server makes anew in each run.
///
/// Socket and engine ids always are. Any other value is one if it came from the server first and a client sent it later, whole or inside
/// a text. What can be sent by chance is left alone: words, sentences, short numbers.
///
/// A long tape is mostly values that nobody ever sends back, so the bytes are looked at first: what clients say is gone through once for
/// its vocabulary, and values are built only of packets in which something may be new.
struct Correlation {
    private var table = VariableTable()
    /// Fingerprints of what clients sent before the server did: never a server's value.
    private var saidByClients: Set<UInt64> = []
    private var numbersSaidByClients: Set<Int64> = []
    /// What the server sent first, and where.
    private var candidates: [String: (packetID: Int64, path: String)] = [:]
    private var candidateFingerprints: Set<UInt64> = []
    private var numberCandidates: [Int64: (packetID: Int64, path: String)] = [:]
    private var candidateNames: [String] = []
    private var inside = ValueIndex()
    private var vocabulary = Vocabulary()

    static func variables(of recording: Recording) -> VariableTable {
        var correlation = Correlation()
        for connection in recording.connections {
            if let sid = connection.sid { correlation.table.add(kind: .engineID, string: sid, packetID: nil, path: "") }
        }
        for session in recording.sessions {
            if let sid = session.sid { correlation.table.add(kind: .socketID, string: sid, packetID: nil, path: "") }
        }
        for name in recording.secrets { correlation.table.add(kind: .secret, string: name, packetID: nil, path: "") }
        for packet in recording.packets where packet.kind == .connect && packet.direction == .outgoing {
            guard case .object(let payload)? = packet.arguments.first, case .string(let sid)? = payload["sid"] else { continue }
            correlation.table.add(kind: .socketID, string: sid, packetID: packet.id, path: "$[0].sid")
        }
        for packet in recording.packets where packet.kind == .connect && packet.direction == .incoming {
            guard let auth = packet.arguments.first, auth["pid"] != nil, case .string(let offset)? = auth["offset"] else { continue }
            correlation.table.add(kind: .recoveryOffset, string: offset, packetID: packet.id, path: "$[0].offset")
        }
        for packet in recording.packets where packet.direction == .incoming { packet.content.visit(&correlation.vocabulary) }
        for packet in recording.packets {
            switch packet.direction {
            case .outgoing:
                guard correlation.mayBringAnew(packet.content) else { continue }
                for (index, argument) in packet.arguments.enumerated() {
                    correlation.noteServer(argument, packetID: packet.id, path: JSONPath(argument: index))
                }
            case .incoming:
                guard correlation.maySendBack(packet.content) else { continue }
                for argument in packet.arguments { correlation.noteClient(argument) }
            }
        }
        return correlation.table
    }

    // MARK: On bytes

    private func mayBringAnew(_ content: RecordedArguments) -> Bool {
        var look = ServerLook(correlation: self)
        content.visit(&look)
        return look.isFound
    }

    /// Notes what a client says. If something of the server may be in it, says so, and it must be looked at again.
    private mutating func maySendBack(_ content: RecordedArguments) -> Bool {
        guard let (said, numbers) = saidAnew(content) else { return true }
        for fingerprint in said where !candidateFingerprints.contains(fingerprint) { saidByClients.insert(fingerprint) }
        for number in numbers { numbersSaidByClients.insert(number) }
        return false
    }

    /// On its own, so that the look and its reference to the sets are gone before these grow.
    private func saidAnew(_ content: RecordedArguments) -> (texts: [UInt64], numbers: [Int64])? {
        var look = ClientLook(correlation: self)
        content.visit(&look)
        return look.isFound ? nil : (look.said, look.numbers)
    }

    /// Looks for what may become a candidate.
    private struct ServerLook: TokenVisitor {
        let correlation: Correlation
        var isFound = false

        mutating func string(_ utf8: UnsafeRawBufferPointer, isKey: Bool) {
            if isKey || isFound { return }
            if Correlation.canBeServerMade(utf8), isNew(utf8) {
                isFound = true
                return
            }
            Correlation.forEachToken(of: utf8) { token in
                if token.count >= ValueIndex.shortestInside, token.count < utf8.count, isNew(token) { isFound = true }
            }
        }

        mutating func integer(_ value: Int64) {
            guard Correlation.canBeServerMade(value), correlation.vocabulary.numbers.contains(value),
                !correlation.numbersSaidByClients.contains(value), correlation.numberCandidates[value] == nil
            else { return }
            isFound = true
        }

        private func isNew(_ text: UnsafeRawBufferPointer) -> Bool {
            let fingerprint = Fingerprint.of(text)
            return !correlation.saidByClients.contains(fingerprint) && !correlation.candidateFingerprints.contains(fingerprint)
                && !correlation.table.mayBeVariable(fingerprint) && correlation.vocabulary.mayHold(text)
        }
    }

    /// Looks for what the server may have said before.
    private struct ClientLook: TokenVisitor {
        let correlation: Correlation
        var isFound = false
        var said: [UInt64] = []
        var numbers: [Int64] = []

        mutating func string(_ utf8: UnsafeRawBufferPointer, isKey: Bool) {
            if isFound { return }
            let fingerprint = Fingerprint.of(utf8)
            if correlation.table.mayBeVariable(fingerprint) { return }
            if correlation.candidateFingerprints.contains(fingerprint) || correlation.inside.occur(in: utf8) {
                isFound = true
                return
            }
            if Correlation.canBeServerMade(utf8) { said.append(fingerprint) }
            Correlation.forEachToken(of: utf8) { said.append(Fingerprint.of($0)) }
        }

        mutating func integer(_ value: Int64) {
            guard Correlation.canBeServerMade(value) else { return }
            if correlation.numberCandidates[value] != nil { isFound = true } else { numbers.append(value) }
        }
    }

    /// All words and long numbers that clients ever send: what has no part in it never comes back.
    private struct Vocabulary: TokenVisitor {
        private var runs = SeenTexts()
        private(set) var numbers: Set<Int64> = []

        mutating func string(_ utf8: UnsafeRawBufferPointer, isKey: Bool) {
            Correlation.forEachRun(of: utf8) { runs.insert(Fingerprint.of($0)) }
        }

        mutating func integer(_ value: Int64) { if Correlation.canBeServerMade(value) { numbers.insert(value) } }

        /// Where a value stands in a text, its words do.
        func mayHold(_ text: UnsafeRawBufferPointer) -> Bool {
            var holdsAll = true
            Correlation.forEachRun(of: text) { if holdsAll, !runs.mayHold(Fingerprint.of($0)) { holdsAll = false } }
            return holdsAll
        }
    }

    // MARK: On values

    private mutating func noteServer(_ value: JSONValue, packetID: Int64, path: JSONPath) {
        switch value {
        case .string(let text): noteServer(text, packetID: packetID, path: path)
        case .integer(let integer):
            guard Self.canBeServerMade(integer), vocabulary.numbers.contains(integer), !numbersSaidByClients.contains(integer),
                numberCandidates[integer] == nil
            else { return }
            numberCandidates[integer] = (packetID, path.description)
        case .array(let elements):
            for (index, element) in elements.enumerated() { noteServer(element, packetID: packetID, path: path.appending(index: index)) }
        case .object(let object):
            for (key, element) in object { noteServer(element, packetID: packetID, path: path.appending(key: key)) }
        default: break
        }
    }

    private mutating func noteServer(_ text: String, packetID: Int64, path: JSONPath) {
        if Self.canBeServerMade(text) {
            addCandidate(text, packetID: packetID, path: path)
        }
        for token in Self.tokens(of: text) where token.utf8.count >= ValueIndex.shortestInside && token.utf8.count < text.utf8.count {
            if Self.canBeServerMade(token) { addCandidate(token, packetID: packetID, path: path) }
        }
    }

    private mutating func addCandidate(_ text: String, packetID: Int64, path: JSONPath) {
        let fingerprint = Fingerprint.of(text)
        guard candidates[text] == nil, !saidByClients.contains(fingerprint), table.variable(forWhole: text) == nil else { return }
        var text = text
        guard text.withUTF8({ vocabulary.mayHold(UnsafeRawBufferPointer($0)) }) else { return }
        candidates[text] = (packetID, path.description)
        candidateFingerprints.insert(fingerprint)
        if text.utf8.count >= ValueIndex.shortestInside {
            candidateNames.append(text)
            inside.insert(text, value: candidateNames.count - 1, anywhere: false)
        }
    }

    private mutating func noteClient(_ value: JSONValue) {
        switch value {
        case .string(let text): noteClient(text)
        case .integer(let integer):
            if let origin = numberCandidates[integer] {
                table.add(integer: integer, packetID: origin.packetID, path: origin.path)
            } else if Self.canBeServerMade(integer) {
                numbersSaidByClients.insert(integer)
            }
        case .array(let elements):
            for element in elements { noteClient(element) }
        case .object(let object):
            for (key, element) in object {
                noteClient(key)
                noteClient(element)
            }
        default: break
        }
    }

    private mutating func noteClient(_ text: String) {
        guard table.variable(forWhole: text) == nil else { return }
        if let origin = candidates[text] {
            table.add(kind: .serverValue, string: text, packetID: origin.packetID, path: origin.path)
            return
        }
        for occurrence in inside.occurrences(in: text) {
            let name = candidateNames[occurrence.value]
            guard let origin = candidates[name] else { continue }
            table.add(kind: .serverValue, string: name, packetID: origin.packetID, path: origin.path)
        }
        if Self.canBeServerMade(text) { saidByClients.insert(Fingerprint.of(text)) }
        for token in Self.tokens(of: text) where Self.canBeServerMade(token) && candidates[token] == nil {
            saidByClients.insert(Fingerprint.of(token))
        }
    }

    static func canBeServerMade(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { canBeServerMade(UnsafeRawBufferPointer($0)) }
    }

    /// Long enough not to be sent by chance: eight characters, or three if a digit is among them; one word; at most a token's length.
    static func canBeServerMade(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= 3, bytes.count <= 512 else { return false }
        var hasDigit = false
        for byte in bytes {
            if byte <= UInt8(ascii: " ") { return false }
            if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { hasDigit = true }
        }
        return hasDigit || bytes.count >= ValueIndex.shortestInside
    }

    /// Seven digits and more: below that two equal numbers prove nothing.
    static func canBeServerMade(_ integer: Int64) -> Bool { integer.magnitude >= 1_000_000 }

    private static func tokens(of text: String) -> [String] {
        var text = text
        return text.withUTF8 { bytes in
            var tokens: [String] = []
            forEachToken(of: UnsafeRawBufferPointer(bytes)) { tokens.append(String(decoding: $0, as: UTF8.self)) }
            return tokens
        }
    }

    /// The words of a text, where `-` and `_` belong to a word as they do in ids, as far as they can be a server's values.
    private static func forEachToken(of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard bytes.count > ValueIndex.shortestInside, bytes.count <= 4096 else { return }
        forEachPart(of: bytes, where: { ValueIndex.isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }) { token in
            if canBeServerMade(token) { body(token) }
        }
    }

    /// What stands between the bytes that belong to no word.
    private static func forEachRun(of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        forEachPart(of: bytes, where: ValueIndex.isWordByte, body)
    }

    @inline(__always)
    private static func forEachPart(
        of bytes: UnsafeRawBufferPointer, where isPart: (UInt8) -> Bool, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        var start = 0
        for index in 0...bytes.count where index == bytes.count || !isPart(bytes[index]) {
            if index > start { body(UnsafeRawBufferPointer(rebasing: bytes[start..<index])) }
            start = index + 1
        }
    }
}
