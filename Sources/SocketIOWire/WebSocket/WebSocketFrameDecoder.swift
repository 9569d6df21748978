package import NIOCore

/// Reads WebSocket frames and puts fragments together (RFC 6455).
///
/// All frames that are complete are unmasked in place when they arrive, before anything is handed out; after that the messages are slices
/// of the same bytes. So a burst of small messages in one read costs one buffer.
package struct WebSocketFrameDecoder: Sendable {
    private struct Frame: Sendable {
        var header: WebSocketFrameHeader
        /// index of the payload in ``buffer``
        var start: Int
    }

    private let role: WebSocketRole
    private let maxMessageSize: Int
    private let inflates: Bool
    private var buffer = ByteBuffer()
    /// complete, checked and unmasked frames that wait for ``next()``
    private var frames: [Frame] = []
    private var nextFrame = 0
    /// index in ``buffer`` behind the last complete frame
    private var parsedEnd = 0
    /// bytes of the fragments so far of the message that is not finished, in the order in which frames arrive
    private var openLength: Int?
    /// thrown once the frames before it are handed out
    private var failure: WebSocketError?
    private var isFinished = false
    private var fragments: (isText: Bool, isCompressed: Bool, bytes: ByteBuffer)?

    /// `maxMessageSize` is in bytes, over all fragments of a message, before and after it was inflated. `inflates` says whether
    /// permessage-deflate was agreed on.
    package init(role: WebSocketRole, maxMessageSize: Int, inflates: Bool = false) {
        self.role = role
        self.maxMessageSize = maxMessageSize
        self.inflates = inflates
    }

    /// Bytes that arrived and are not yet part of a message that was handed out.
    package var bufferedBytes: Int { buffer.readableBytes + (fragments?.bytes.readableBytes ?? 0) }

    /// Takes what arrived. Call ``next()`` until it returns `nil` after it.
    package mutating func append(_ bytes: consuming ByteBuffer) {
        guard !isFinished, failure == nil, bytes.readableBytes > 0 else { return }
        if buffer.readableBytes == 0 {
            takeOver(bytes)
        } else {
            join(bytes)
        }
        parse()
    }

    /// The next whole message. Messages before an error come first; after an error, or after a close, there is nothing more.
    package mutating func next() throws(WebSocketError) -> WebSocketMessage? {
        while nextFrame < frames.count {
            let frame = frames[nextFrame]
            nextFrame += 1
            let payload = buffer.getSlice(at: frame.start, length: frame.header.payloadLength) ?? ByteBuffer()
            if nextFrame == frames.count { releaseParsed() }
            do throws(WebSocketError) {
                if let message = try message(frame.header, payload) { return message }
            } catch {
                finish()
                throw error
            }
        }
        if let failure {
            finish()
            throw failure
        }
        return nil
    }

    // MARK: Bytes

    private mutating func takeOver(_ bytes: consuming ByteBuffer) {
        frames.removeAll(keepingCapacity: true)
        nextFrame = 0
        buffer = bytes
        // Bytes from a pool of read buffers are shared with the pool: unmasking them in place would copy the whole of the pool's buffer,
        // so what is there is copied alone. Without a mask nothing is written.
        if role == .server, buffer.modifyIfUniquelyOwned({ _ in true }) == nil {
            buffer = buffer.withUnsafeReadableBytes { ByteBuffer(bytes: $0) }
        }
        parsedEnd = buffer.readerIndex
    }

    private mutating func join(_ bytes: consuming ByteBuffer) {
        let kept = buffer.readerIndex
        var incoming = bytes
        let appended = buffer.modifyIfUniquelyOwned { buffer in
            // Doubling keeps the copying linear, however small the pieces are.
            if buffer.readerIndex > buffer.readableBytes, buffer.writableBytes < incoming.readableBytes { buffer.discardReadBytes() }
            buffer.writeBuffer(&incoming)
            return true
        }
        if appended == nil {
            // messages that were handed out share the bytes: only what is left is copied
            var joined = ByteBuffer()
            joined.reserveCapacity((buffer.readableBytes + incoming.readableBytes) * 2)
            joined.writeImmutableBuffer(buffer)
            joined.writeBuffer(&incoming)
            buffer = joined
        }
        let moved = kept - buffer.readerIndex
        if moved != 0 {
            for index in frames.indices { frames[index].start -= moved }
            parsedEnd -= moved
        }
    }

    private mutating func releaseParsed() {
        frames.removeAll(keepingCapacity: true)
        nextFrame = 0
        buffer.moveReaderIndex(to: parsedEnd)
        if buffer.readableBytes == 0 {
            buffer = ByteBuffer()
            parsedEnd = 0
        }
    }

    private mutating func finish() {
        isFinished = true
        failure = nil
        fragments = nil
        openLength = nil
        parsedEnd = buffer.writerIndex
        releaseParsed()
    }

    // MARK: Frames

    /// Finds the frames that are complete, checks and unmasks them.
    private mutating func parse() {
        let readerIndex = buffer.readerIndex
        var offset = parsedEnd - readerIndex
        while failure == nil {
            let header: WebSocketFrameHeader?
            do throws(WebSocketError) {
                header = try buffer.withUnsafeReadableBytes { bytes throws(WebSocketError) -> WebSocketFrameHeader? in
                    try WebSocketFrameHeader(
                        reading: UnsafeRawBufferPointer(rebasing: bytes[offset...]), role: role, allowsCompression: inflates)
                }
                guard let header else { break }
                let total = try check(header)
                guard buffer.readableBytes - offset - header.headerLength >= header.payloadLength else { break }
                openLength = header.opcode.isControl ? openLength : total
            } catch {
                failure = error
                break
            }
            guard let header else { break }
            let start = offset + header.headerLength
            if let mask = header.mask, header.payloadLength > 0 {
                buffer.withUnsafeMutableReadableBytes { bytes in
                    WebSocketMask.apply(mask, to: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<(start + header.payloadLength)]))
                }
            }
            frames.append(Frame(header: header, start: readerIndex + start))
            offset = start + header.payloadLength
        }
        parsedEnd = readerIndex + offset
    }

    /// Order and size. Returns how long the message is that stays open behind this frame, `nil` if none.
    private func check(_ header: WebSocketFrameHeader) throws(WebSocketError) -> Int? {
        guard !header.opcode.isControl else { return nil }
        let before: Int
        if header.opcode == .continuation {
            guard let openLength else { throw .unexpectedContinuation }
            before = openLength
        } else {
            guard openLength == nil else { throw .unfinishedMessage }
            before = 0
        }
        let (total, overflow) = before.addingReportingOverflow(header.payloadLength)
        guard !overflow, total <= maxMessageSize else { throw .messageTooLarge(bytes: overflow ? .max : total, limit: maxMessageSize) }
        return header.isFinal ? nil : total
    }

    private mutating func message(_ header: WebSocketFrameHeader, _ payload: ByteBuffer) throws(WebSocketError) -> WebSocketMessage? {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close:
            let close = try WebSocketFrameDecoder.close(payload)
            finish()
            return close
        case .text, .binary:
            let isText = header.opcode == .text
            guard header.isFinal else {
                // a copy of its own, so that fragments do not keep whole read buffers alive
                var bytes = ByteBuffer()
                bytes.writeImmutableBuffer(payload)
                fragments = (isText, header.isCompressed, bytes)
                return nil
            }
            return try whole(isText: isText, isCompressed: header.isCompressed, payload)
        case .continuation:
            fragments?.bytes.writeImmutableBuffer(payload)
            guard header.isFinal, let message = fragments else { return nil }
            fragments = nil
            return try whole(isText: message.isText, isCompressed: message.isCompressed, message.bytes)
        }
    }

    @inline(__always)
    private func whole(isText: Bool, isCompressed: Bool, _ payload: ByteBuffer) throws(WebSocketError) -> WebSocketMessage {
        let payload = isCompressed ? try inflated(payload) : payload
        guard isText else { return .binary(payload) }
        // trap 26 of the behaviour notes
        guard UTF8Validation.isValid(payload) else { throw .invalidUTF8 }
        return .text(payload)
    }

    private func inflated(_ payload: ByteBuffer) throws(WebSocketError) -> ByteBuffer {
        do throws(Compression.Failure) {
            return try Compression.inflateMessage(payload, limit: maxMessageSize)
        } catch {
            switch error {
            case .damaged: throw .invalidDeflate
            case .tooLarge: throw .messageTooLarge(bytes: maxMessageSize + 1, limit: maxMessageSize)
            }
        }
    }

    private static func close(_ payload: ByteBuffer) throws(WebSocketError) -> WebSocketMessage {
        var rest = payload
        guard rest.readableBytes > 0 else { return .close(code: nil, reason: "") }
        guard let code: UInt16 = rest.readInteger() else { throw .invalidClosePayload }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .invalidClosePayload
        }
        guard UTF8Validation.isValid(rest) else { throw .invalidUTF8 }
        return .close(code: code, reason: String(buffer: rest))
    }
}
