/// Finds out whether the members of an object make it a stand-in for an attachment: `{"_placeholder":true,"num":0}`.
///
/// Scanner and readers use the same rule, so what the one let pass the others understand in the same way. Of a key that comes twice the
/// last one counts, as it does for any other object.
struct BinaryPlaceholder {
    private(set) var isPlaceholder = false
    private var number: Int?

    /// A member, given as the bytes of the key between its quotes and of the value.
    @inline(__always)
    mutating func note(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        if key.count == 12, key.elementsEqual(Self.flag) {
            isPlaceholder = value.elementsEqual(Self.yes)
        } else if key.count == 3, key.elementsEqual(Self.num) {
            number = Self.number(value)
        } else if key.contains(UInt8(ascii: "\\")) {
            noteEscaped(key: key, value: value)
        }
    }

    /// The attachment it stands for, `nil` if there is no such attachment.
    func attachment(of count: Int) -> Int? {
        guard isPlaceholder, let number, number < count else { return nil }
        return number
    }

    @inline(never)
    private mutating func noteEscaped(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        switch JSONCursor.unescape(key) {
        case "_placeholder": isPlaceholder = value.elementsEqual(Self.yes)
        case "num": number = Self.number(value)
        default: break
        }
    }

    /// Digits only: what every encoder writes.
    private static func number(_ text: UnsafeRawBufferPointer) -> Int? {
        guard !text.isEmpty, text.count < 10 else { return nil }
        var number = 0
        for byte in text {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    private static let flag = Array("_placeholder".utf8)
    private static let num = Array("num".utf8)
    private static let yes = Array("true".utf8)
}
