package import NIOCore

/// Writes WebSocket frames.
package enum WebSocketFrameEncoder {
    /// The longest header of an unmasked frame, in bytes.
    package static let maxHeaderLength = 10

    /// Below this many bytes, header and payload are put into one buffer.
    private static let copyLimit = 4096

    /// Appends a frame. `mask` is needed from a client and forbidden from a server; it should be random.
    package static func write(
        _ opcode: WebSocketOpcode, payload: ByteBuffer, isFinal: Bool = true, isCompressed: Bool = false, mask: UInt32? = nil,
        into buffer: inout ByteBuffer
    ) {
        let length = payload.readableBytes
        buffer.reserveCapacity(minimumWritableBytes: length + maxHeaderLength + 4)
        buffer.writeInteger(opcode.rawValue | (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0))
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        if length < 126 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: length) | maskBit)
        } else if length <= 0xFFFF {
            buffer.writeInteger(126 | maskBit)
            buffer.writeInteger(UInt16(truncatingIfNeeded: length))
        } else {
            buffer.writeInteger(127 | maskBit)
            buffer.writeInteger(UInt64(length))
        }
        if let mask { buffer.writeInteger(mask) }
        let start = buffer.writerIndex
        buffer.writeImmutableBuffer(payload)
        if let mask {
            let key = mask.bigEndian
            buffer.withVeryUnsafeMutableBytes { bytes in
                WebSocketMask.apply(key, to: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<(start + length)]))
            }
        }
    }

    /// A close frame; without a code it is empty.
    package static func writeClose(code: UInt16?, reason: String = "", mask: UInt32? = nil, into buffer: inout ByteBuffer) {
        var payload = ByteBuffer()
        if let code {
            payload.writeInteger(code)
            // 125 bytes are the limit of a control frame; a character cut in half would not be UTF-8
            var left = 123
            for scalar in reason.unicodeScalars {
                left -= UTF8.width(scalar)
                guard left >= 0 else { break }
                payload.writeString(String(scalar))
            }
        }
        write(.close, payload: payload, mask: mask, into: &buffer)
    }

    /// An unmasked frame, deflated if the payload has at least `threshold` bytes and gets smaller by it.
    package static func deflated(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, threshold: Int) -> ByteBuffer {
        var frame = ByteBuffer()
        if payload.readableBytes >= threshold, let small = Compression.deflateMessage(payload), small.readableBytes < payload.readableBytes
        {
            write(opcode, payload: small, isCompressed: true, into: &frame)
        } else {
            write(opcode, payload: payload, into: &frame)
        }
        return frame
    }

    /// Frames of binary messages: what is to be written, in this order.
    static func frames(of messages: [ByteBuffer]) -> [ByteBuffer] {
        var frames: [ByteBuffer] = []
        for message in messages {
            var frame = ByteBuffer()
            if message.readableBytes <= copyLimit {
                write(.binary, payload: message, into: &frame)
                frames.append(frame)
            } else {
                frame.reserveCapacity(maxHeaderLength)
                writeHeader(.binary, length: message.readableBytes, endingAt: maxHeaderLength, of: &frame)
                frames.append(frame)
                frames.append(message)
            }
        }
        return frames
    }

    /// Puts the header of an unmasked frame right before index `end` and makes it the first readable byte.
    private static func writeHeader(_ opcode: WebSocketOpcode, length: Int, endingAt end: Int, of buffer: inout ByteBuffer) {
        if buffer.writerIndex < end { buffer.writeRepeatingByte(0, count: end - buffer.writerIndex) }
        let headerLength = length < 126 ? 2 : length <= 0xFFFF ? 4 : 10
        let start = end - headerLength
        buffer.setInteger(opcode.rawValue | 0x80, at: start)
        switch headerLength {
        case 2: buffer.setInteger(UInt8(truncatingIfNeeded: length), at: start + 1)
        case 4:
            buffer.setInteger(126 as UInt8, at: start + 1)
            buffer.setInteger(UInt16(truncatingIfNeeded: length), at: start + 2)
        default:
            buffer.setInteger(127 as UInt8, at: start + 1)
            buffer.setInteger(UInt64(length), at: start + 2)
        }
        buffer.moveReaderIndex(to: start)
    }
}
