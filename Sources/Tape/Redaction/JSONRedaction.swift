import NIOCore

/// Finds the secrets in JSON text by the names of their keys, in one pass over its bytes.
///
/// It goes from string to string and needs no correct JSON: a text that breaks off in the middle of a secret loses that secret too.
/// The values below a secret name go one by one, so that the shape stays: what reads the tape, replay above all, needs it.
struct JSONRedaction {
    let redactor: Redactor
    let bytes: UnsafeRawBufferPointer
    /// How many strings with JSON in them lie around this text.
    let depth: Int
    private let mayHoldURLs: Bool

    private static let maxDepth = 4

    /// A query with values, or a password before the host.
    private static func marksURL(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "=") || byte == UInt8(ascii: "@") }

    init(redactor: Redactor, bytes: UnsafeRawBufferPointer, depth: Int = 0) {
        self.redactor = redactor
        self.bytes = bytes
        self.depth = depth
        mayHoldURLs = bytes.contains { Self.marksURL($0) }
    }

    func scan(into edits: inout JSONEdits) {
        var index = 0
        while let start = JSONBytes.firstQuote(bytes, from: index) {
            let (end, isEscaped) = JSONBytes.endOfString(bytes, from: start + 1)
            index = end + 1
            let next = JSONBytes.skipSpace(bytes, index)
            if next < bytes.count, bytes[next] == UInt8(ascii: ":") {
                index = next + 1
                if isSecret(start + 1..<end, isEscaped) { index = redactValue(at: index, into: &edits) }
            } else {
                look(into: start + 1..<end, isEscaped, &edits)
            }
        }
    }

    private func isSecret(_ name: Range<Int>, _ isEscaped: Bool) -> Bool {
        let name = UnsafeRawBufferPointer(rebasing: bytes[name])
        return isEscaped ? redactor.isSecret(JSONBytes.unescaped(name)) : redactor.isSecret(name)
    }

    /// A string that is JSON itself, or holds a URL.
    private func look(into range: Range<Int>, _ isEscaped: Bool, _ edits: inout JSONEdits) {
        guard range.count > 8 else { return }
        if isEscaped, depth < Self.maxDepth,
            let first = bytes[range].first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        {
            let inner = ByteBuffer(bytes: JSONBytes.unescaped(UnsafeRawBufferPointer(rebasing: bytes[range])))
            if let clean = redactor.redactedJSON(inner, depth: depth + 1) {
                edits.replace(range, with: String(JSONText.string(String(buffer: clean)).dropFirst().dropLast()))
            }
        } else if mayHoldURLs, bytes[range].contains(where: Self.marksURL) {
            let text = String(decoding: bytes[range], as: UTF8.self)
            let clean = redactor.redacted(url: text)
            if clean != text { edits.replace(range, with: clean) }
        }
    }

    /// Replaces what stands below a secret name; returns where the text goes on.
    func redactValue(at start: Int, into edits: inout JSONEdits) -> Int {
        var index = start
        var depth = 0
        while true {
            index = JSONBytes.skipSpace(bytes, index)
            guard index < bytes.count else { return index }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let (end, isEscaped) = JSONBytes.endOfString(bytes, from: index + 1)
                let next = JSONBytes.skipSpace(bytes, min(end + 1, bytes.count))
                let isName = depth > 0 && next < bytes.count && bytes[next] == UInt8(ascii: ":")
                if !isName { redactString(index + 1..<end, isEscaped, &edits) }
                index = isName ? next + 1 : min(end + 1, bytes.count)
            case UInt8(ascii: "{"):
                if let (number, end) = placeholder(at: index) {
                    edits.replaceAttachment(number)
                    index = end
                } else {
                    depth += 1
                    index += 1
                }
            case UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return index }
                depth -= 1
                index += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { return index }
                index += 1
            default: index = redactWord(at: index, &edits)
            }
            if depth == 0 { return index }
        }
    }

    private func redactString(_ range: Range<Int>, _ isEscaped: Bool, _ edits: inout JSONEdits) {
        guard !range.isEmpty else { return }
        let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
        edits.replace(range, with: isEscaped ? redactor.token(for: JSONBytes.unescaped(raw)) : redactor.token(for: raw))
    }

    /// A number is a secret; true, false and null tell nothing that is worth losing.
    private func redactWord(at start: Int, _ edits: inout JSONEdits) -> Int {
        var end = start
        while end < bytes.count, !JSONBytes.endsWord(bytes[end]) { end += 1 }
        guard end > start else { return start + 1 }
        let word = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        if !["true", "false", "null"].contains(where: { $0.utf8.elementsEqual(word) }) {
            edits.replace(start..<end, with: "\"" + redactor.token(for: word) + "\"")
        }
        return end
    }

    /// `{"_placeholder":true,"num":3}`, as short as an object of that kind is.
    private func placeholder(at start: Int) -> (number: Int, end: Int)? {
        guard let end = bytes[start...].prefix(64).firstIndex(of: UInt8(ascii: "}")) else { return nil }
        let text = String(decoding: bytes[start..<end], as: UTF8.self).filter { !$0.isWhitespace }
        guard text.contains(#""_placeholder":true"#), let name = text.firstRange(of: #""num":"#) else { return nil }
        return Int(text[name.upperBound...].prefix(while: \.isNumber)).map { ($0, end + 1) }
    }
}

/// Finds the values that rules of the user name by their place. The text is JSON that a decoder has passed.
struct PathRedaction {
    let redactor: Redactor
    let bytes: UnsafeRawBufferPointer
    let paths: [RulePath]

    private static let maxDepth = 200

    func scan(isEvent: Bool, into edits: inout JSONEdits) {
        var index = JSONBytes.skipSpace(bytes, 0)
        guard index < bytes.count else { return }
        let positions = paths.map { $0.start() }
        guard bytes[index] == UInt8(ascii: "[") else {
            // The one argument of a CONNECT.
            walk(&index, step(positions) { $0.step($1, intoIndex: 0) }, depth: 0, into: &edits)
            return
        }
        // The event's name is no argument.
        walkArray(&index, positions, first: isEvent ? -1 : 0, depth: 0, into: &edits)
    }

    private func step(_ positions: [[Int]], _ step: (RulePath, [Int]) -> [Int]) -> [[Int]] {
        zip(paths, positions).map { $1.isEmpty ? [] : step($0, $1) }
    }

    private func walk(_ index: inout Int, _ positions: [[Int]], depth: Int, into edits: inout JSONEdits) {
        index = JSONBytes.skipSpace(bytes, index)
        guard index < bytes.count, depth < Self.maxDepth else {
            index = bytes.count
            return
        }
        if zip(paths, positions).contains(where: { $0.isComplete($1) }) {
            index = JSONRedaction(redactor: redactor, bytes: bytes).redactValue(at: index, into: &edits)
            return
        }
        switch bytes[index] {
        case UInt8(ascii: "["): walkArray(&index, positions, first: 0, depth: depth, into: &edits)
        case UInt8(ascii: "{"): walkObject(&index, positions, depth: depth, into: &edits)
        case UInt8(ascii: "\""): index = JSONBytes.endOfString(bytes, from: index + 1).end + 1
        default: while index < bytes.count, !JSONBytes.endsWord(bytes[index]) { index += 1 }
        }
    }

    private func walkArray(_ index: inout Int, _ positions: [[Int]], first: Int, depth: Int, into edits: inout JSONEdits) {
        index += 1
        var element = first
        while true {
            index = JSONBytes.skipSpace(bytes, index)
            guard index < bytes.count, bytes[index] != UInt8(ascii: "]") else { break }
            if bytes[index] == UInt8(ascii: ",") {
                index += 1
                continue
            }
            let before = index
            let inner = element < 0 ? positions.map { _ in [] } : step(positions) { $0.step($1, intoIndex: element) }
            walk(&index, inner, depth: depth + 1, into: &edits)
            element += 1
            if index == before { index += 1 }
        }
        index += 1
    }

    private func walkObject(_ index: inout Int, _ positions: [[Int]], depth: Int, into edits: inout JSONEdits) {
        index += 1
        while true {
            index = JSONBytes.skipSpace(bytes, index)
            guard index < bytes.count, bytes[index] != UInt8(ascii: "}") else { break }
            guard bytes[index] == UInt8(ascii: "\"") else {
                index += 1
                continue
            }
            let (end, _) = JSONBytes.endOfString(bytes, from: index + 1)
            let key = String(decoding: JSONBytes.unescaped(UnsafeRawBufferPointer(rebasing: bytes[index + 1..<end])), as: UTF8.self)
            index = JSONBytes.skipSpace(bytes, end + 1)
            if index < bytes.count, bytes[index] == UInt8(ascii: ":") { index += 1 }
            walk(&index, step(positions) { $0.step($1, intoKey: key) }, depth: depth + 1, into: &edits)
        }
        index += 1
    }
}
