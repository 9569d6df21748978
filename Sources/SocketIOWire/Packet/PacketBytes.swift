import NIOCore

/// A place to write one packet to: memory that is known to be large enough, filled from front to back.
///
/// Written through one pointer, since a packet is made of many small pieces, and each call of `ByteBuffer.write…` checks anew who owns the
/// bytes. Lives within the closure that ``ByteBuffer`` lends its memory to; every method checks the bound.
struct PacketBytes {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    mutating func skip(_ bytes: Int) {
        precondition(count + bytes <= memory.count)
        count += bytes
    }

    mutating func write(_ byte: UInt8) {
        memory[count] = byte
        count += 1
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<(count + bytes.count)]).copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func write(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { write($0) }
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// As a JSON string.
    mutating func write(quoted text: String) {
        var text = text
        let isPlain = text.withUTF8 { bytes in
            bytes.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 < 0x7F }
        }
        guard isPlain else {
            var escaped = ByteBuffer()
            JSONText.write(text, into: &escaped)
            return write(escaped)
        }
        write(UInt8(ascii: "\""))
        write(text)
        write(UInt8(ascii: "\""))
    }

    /// In decimal digits, of which there are at most 20.
    mutating func write(decimal number: UInt64) {
        var rest = number
        var digits = 1
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = number
        precondition(count + digits <= memory.count)
        for position in stride(from: count + digits - 1, through: count, by: -1) {
            memory[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// The header of an unmasked text frame, ending at `end`, for a payload from there to here.
    /// - Returns: its length.
    func writeFrameHeader(endingAt end: Int) -> Int {
        let length = count - end
        switch length {
        case ..<126:
            memory[end - 2] = 0x81
            memory[end - 1] = UInt8(truncatingIfNeeded: length)
            return 2
        case ...0xFFFF:
            memory[end - 4] = 0x81
            memory[end - 3] = 126
            memory[end - 2] = UInt8(truncatingIfNeeded: length >> 8)
            memory[end - 1] = UInt8(truncatingIfNeeded: length)
            return 4
        default:
            memory[end - 10] = 0x81
            memory[end - 9] = 127
            for index in 0..<8 { memory[end - 1 - index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
            return 10
        }
    }
}
