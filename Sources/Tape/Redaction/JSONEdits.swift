import NIOCore

/// Places of a text that are to be replaced, and attachments that are secret as a whole.
struct JSONEdits {
    private var edits: [(range: Range<Int>, text: String)] = []
    private(set) var attachments: Set<Int> = []

    var isEmpty: Bool { edits.isEmpty && attachments.isEmpty }

    mutating func replace(_ range: Range<Int>, with text: String) { edits.append((range, text)) }

    mutating func replaceAttachment(_ number: Int) { attachments.insert(number) }

    func applied(to text: ByteBuffer) -> ByteBuffer {
        let bytes = text.readableBytesView
        var result = ByteBuffer()
        result.reserveCapacity(bytes.count + edits.count * 24)
        var done = 0
        // Rules may speak of the same place, or of one within another: the first that begins there wins.
        for edit in edits.sorted(by: { ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound) })
        where edit.range.lowerBound >= done {
            result.writeBytes(bytes.dropFirst(done).prefix(edit.range.lowerBound - done))
            result.writeString(edit.text)
            done = edit.range.upperBound
        }
        result.writeBytes(bytes.dropFirst(done))
        return result
    }
}
