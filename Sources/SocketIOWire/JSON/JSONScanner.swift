/// One validating pass over JSON bytes, without building anything.
///
/// Depth is bounded, so that nested input cannot exhaust the stack, here or in whoever reads the value later. UTF-8 is not checked here:
/// the transports do that for whole messages.
package struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private let maxDepth: Int
    /// `nil` if placeholders are ordinary objects, as they are in packets that are not binary.
    private let attachmentCount: Int?
    package private(set) var index: Int

    package static let defaultMaxDepth = 256

    package init(
        _ bytes: UnsafeRawBufferPointer, from start: Int = 0, maxDepth: Int = JSONScanner.defaultMaxDepth, attachmentCount: Int? = nil
    ) {
        self.bytes = bytes
        self.end = bytes.count
        self.index = start
        self.maxDepth = maxDepth
        self.attachmentCount = attachmentCount
    }

    /// Passes one value and the whitespace around it, after which the text must end.
    package mutating func scanDocument() throws(JSONError) {
        try scanValue(depth: 0)
        guard peekPastWhitespace() == nil else { throw JSONError(.trailingBytes, at: index) }
    }

    /// The next byte that is not whitespace, without passing it.
    @inline(__always)
    package mutating func peekPastWhitespace() -> UInt8? {
        while index < end {
            let byte = bytes[index]
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            index &+= 1
        }
        return nil
    }

    package mutating func skip(_ byte: UInt8) throws(JSONError) {
        guard let found = peekPastWhitespace() else { throw JSONError(.unexpectedEnd, at: index) }
        guard found == byte else { throw JSONError(.unexpectedByte(found), at: index) }
        index &+= 1
    }

    package mutating func scanValue(depth: Int) throws(JSONError) {
        guard let first = peekPastWhitespace() else { throw JSONError(.unexpectedEnd, at: index) }
        switch first {
        case UInt8(ascii: "\""): try scanString()
        case UInt8(ascii: "{"): try scanObject(depth: depth)
        case UInt8(ascii: "["): try scanArray(depth: depth)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber()
        case UInt8(ascii: "t"): try scanWord("true")
        case UInt8(ascii: "f"): try scanWord("false")
        case UInt8(ascii: "n"): try scanWord("null")
        default: throw JSONError(.unexpectedByte(first), at: index)
        }
    }

    private mutating func scanArray(depth: Int) throws(JSONError) {
        guard depth < maxDepth else { throw JSONError(.tooDeep(limit: maxDepth), at: index) }
        index &+= 1
        if peekPastWhitespace() == UInt8(ascii: "]") {
            index &+= 1
            return
        }
        while true {
            try scanValue(depth: depth &+ 1)
            guard let next = peekPastWhitespace() else { throw JSONError(.unexpectedEnd, at: index) }
            index &+= 1
            if next == UInt8(ascii: ",") { continue }
            if next == UInt8(ascii: "]") { return }
            throw JSONError(.unexpectedByte(next), at: index &- 1)
        }
    }

    private mutating func scanObject(depth: Int) throws(JSONError) {
        guard depth < maxDepth else { throw JSONError(.tooDeep(limit: maxDepth), at: index) }
        let start = index
        index &+= 1
        if peekPastWhitespace() == UInt8(ascii: "}") {
            index &+= 1
            return
        }
        var placeholder = BinaryPlaceholder()
        while true {
            guard let quote = peekPastWhitespace() else { throw JSONError(.unexpectedEnd, at: index) }
            guard quote == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte(quote), at: index) }
            let keyStart = index
            try scanString()
            let keyEnd = index
            try skip(UInt8(ascii: ":"))
            if attachmentCount != nil {
                _ = peekPastWhitespace()
                let valueStart = index
                try scanValue(depth: depth &+ 1)
                placeholder.note(
                    key: UnsafeRawBufferPointer(rebasing: bytes[(keyStart &+ 1)..<(keyEnd &- 1)]),
                    value: UnsafeRawBufferPointer(rebasing: bytes[valueStart..<index]))
            } else {
                try scanValue(depth: depth &+ 1)
            }
            guard let next = peekPastWhitespace() else { throw JSONError(.unexpectedEnd, at: index) }
            index &+= 1
            if next == UInt8(ascii: ",") { continue }
            guard next == UInt8(ascii: "}") else { throw JSONError(.unexpectedByte(next), at: index &- 1) }
            if let attachmentCount, placeholder.isPlaceholder, placeholder.attachment(of: attachmentCount) == nil {
                throw JSONError(.illegalAttachment, at: start)
            }
            return
        }
    }

    /// Stands at the opening quote, ends behind the closing one.
    package mutating func scanString() throws(JSONError) {
        var at = index &+ 1
        while true {
            // eight bytes at a time, up to the first that needs a look: a quote, a backslash, a control character
            while at &+ 8 <= end {
                let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                let special = JSONBytes.specialBytes(UInt64(littleEndian: word))
                if special == 0 {
                    at &+= 8
                } else {
                    at &+= special.trailingZeroBitCount >> 3
                    break
                }
            }
            guard at < end else { throw JSONError(.unexpectedEnd, at: end) }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                index = at &+ 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                at = try scanEscape(at: at)
            } else if byte < 0x20 {
                throw JSONError(.unescapedControlCharacter(byte), at: at)
            } else {
                at &+= 1
            }
        }
    }

    private func scanEscape(at start: Int) throws(JSONError) -> Int {
        guard start &+ 1 < end else { throw JSONError(.unexpectedEnd, at: end) }
        switch bytes[start &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u"):
            for digit in (start &+ 2)..<(start &+ 6) {
                guard digit < end else { throw JSONError(.unexpectedEnd, at: end) }
                guard JSONBytes.hexValue(bytes[digit]) != nil else { throw JSONError(.invalidEscape, at: start) }
            }
            return start &+ 6
        default: throw JSONError(.invalidEscape, at: start)
        }
    }

    private mutating func scanWord(_ word: StaticString) throws(JSONError) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard index &+ offset < end else { throw JSONError(.unexpectedEnd, at: end) }
            let byte = bytes[index &+ offset]
            guard byte == word.utf8Start[offset] else { throw JSONError(.unexpectedByte(byte), at: index &+ offset) }
        }
        index &+= word.utf8CodeUnitCount
    }

    private mutating func scanNumber() throws(JSONError) {
        let start = index
        if bytes[index] == UInt8(ascii: "-") { index &+= 1 }
        let whole = scanDigits()
        guard whole > 0 else { throw JSONError(index < end ? .invalidNumber : .unexpectedEnd, at: index) }
        if whole > 1, bytes[index &- whole] == UInt8(ascii: "0") { throw JSONError(.invalidNumber, at: start) }
        if index < end, bytes[index] == UInt8(ascii: ".") {
            index &+= 1
            guard scanDigits() > 0 else { throw JSONError(index < end ? .invalidNumber : .unexpectedEnd, at: index) }
        }
        if index < end, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index &+= 1
            if index < end, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") { index &+= 1 }
            guard scanDigits() > 0 else { throw JSONError(index < end ? .invalidNumber : .unexpectedEnd, at: index) }
        }
    }

    @inline(__always)
    private mutating func scanDigits() -> Int {
        let start = index
        while index < end, bytes[index] &- UInt8(ascii: "0") < 10 { index &+= 1 }
        return index &- start
    }
}
