import SocketIOWire

/// Finds the values of a recording that the server makes anew in each run.
///
/// Socket and engine ids always are. Any other value is one if it came from the server first and a client sent it later, whole or inside
/// a text. What can be sent by chance is left alone: words, sentences, short numbers.
struct Correlation {
    private var table = VariableTable()
    /// What clients sent before the server did: never a server's value.
    private var saidByClients: Set<String> = []
    private var numbersSaidByClients: Set<Int64> = []
    /// What the server sent first, and where.
    private var candidates: [String: (packetID: Int64, path: String)] = [:]
    private var numberCandidates: [Int64: (packetID: Int64, path: String)] = [:]
    private var candidateNames: [String] = []
    private var inside = ValueIndex()

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
            guard packet.arguments.first?["pid"] != nil, case .string(let offset)? = packet.arguments.first?["offset"] else { continue }
            correlation.table.add(kind: .recoveryOffset, string: offset, packetID: packet.id, path: "$[0].offset")
        }
        for packet in recording.packets {
            for (index, argument) in packet.arguments.enumerated() {
                switch packet.direction {
                case .outgoing: correlation.noteServer(argument, packetID: packet.id, path: JSONPath(argument: index))
                case .incoming: correlation.noteClient(argument)
                }
            }
        }
        return correlation.table
    }

    private mutating func noteServer(_ value: JSONValue, packetID: Int64, path: JSONPath) {
        switch value {
        case .string(let text): noteServer(text, packetID: packetID, path: path)
        case .integer(let integer):
            guard Self.canBeServerMade(integer), !numbersSaidByClients.contains(integer), numberCandidates[integer] == nil else { return }
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
        guard candidates[text] == nil, !saidByClients.contains(text), table.variable(forWhole: text) == nil else { return }
        candidates[text] = (packetID, path.description)
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
        if Self.canBeServerMade(text) { saidByClients.insert(text) }
        for token in Self.tokens(of: text) where Self.canBeServerMade(token) && candidates[token] == nil { saidByClients.insert(token) }
    }

    /// Long enough not to be sent by chance: eight characters, or three if a digit is among them; one word; at most a token's length.
    static func canBeServerMade(_ text: String) -> Bool {
        let bytes = text.utf8
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

    /// The words of a text, where `-` and `_` belong to a word as they do in ids.
    private static func tokens(of text: String) -> [String] {
        let bytes = text.utf8
        guard bytes.count > ValueIndex.shortestInside, bytes.count <= 4096 else { return [] }
        return bytes.split { !ValueIndex.isWordByte($0) && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
            .map { String(Substring($0)) }
    }
}
