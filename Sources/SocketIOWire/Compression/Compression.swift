import CZlib
package import NIOCore
import Synchronization

/// Deflate (RFC 1951) by the system's zlib, whole buffers at a time.
///
/// Setting up a stream costs more than deflating a small message (zlib clears 256 kB), so streams are kept and used again. May be called from any
/// thread.
package enum Compression {
    package enum Format: Hashable, Sendable {
        /// Bare deflate data.
        case raw
        /// HTTP's `deflate`: RFC 1950.
        case zlib
        /// HTTP's `gzip`: RFC 1952.
        case gzip

        var windowBits: Int32 {
            switch self {
            case .raw: -15
            case .zlib: 15
            case .gzip: 31
            }
        }
    }

    package enum Failure: Error, Hashable {
        case damaged
        case tooLarge
    }

    /// How hard to try: most of what can be gained, at a third of the time of zlib's default.
    private static let level: Int32 = 3
    private static let deflaters = StreamPool()
    private static let inflaters = StreamPool()

    /// The whole of `bytes`, compressed; `nil` if zlib has no memory.
    package static func deflate(_ bytes: ByteBuffer, as format: Format) -> ByteBuffer? {
        deflate(bytes, as: format, flush: Z_FINISH)
    }

    /// One message of permessage-deflate (RFC 7692, 7.2.1): ends at a byte, without the four bytes that every message would end with.
    package static func deflateMessage(_ bytes: ByteBuffer) -> ByteBuffer? {
        guard var output = deflate(bytes, as: .raw, flush: Z_SYNC_FLUSH), output.readableBytes >= 4 else { return nil }
        output.moveWriterIndex(to: output.writerIndex - 4)
        return output
    }

    private static func deflate(_ bytes: ByteBuffer, as format: Format, flush: Int32) -> ByteBuffer? {
        let stream =
            deflaters.take(format)
            ?? ZStream(format) {
                czlib_deflate_init($0, level, format.windowBits)
            } end: {
                deflateEnd($0)
            }
        guard let stream else { return nil }
        defer { deflaters.give(stream, reset: { deflateReset($0) }) }
        var output = ByteBuffer()
        // The bound holds for a finished stream; a flush adds an empty block.
        let bound = Int(deflateBound(stream.pointer, UInt(bytes.readableBytes))) + 16
        let isDone = bytes.withUnsafeReadableBytes { input -> Bool in
            var isDone = false
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { room in
                stream.feed(input, into: room)
                let status = CZlib.deflate(stream.pointer, flush)
                isDone = status == Z_STREAM_END || (status == Z_OK && flush == Z_SYNC_FLUSH && stream.pointer.pointee.avail_in == 0)
                return room.count - Int(stream.pointer.pointee.avail_out)
            }
            return isDone
        }
        return isDone ? output : nil
    }

    /// One message of permessage-deflate (RFC 7692, 7.2.2).
    ///
    /// - Parameter limit: bytes that come out at most; a small bomb stops there.
    package static func inflateMessage(_ bytes: ByteBuffer, limit: Int) throws(Failure) -> ByteBuffer {
        var input = ByteBuffer()
        input.reserveCapacity(bytes.readableBytes + 4)
        input.writeImmutableBuffer(bytes)
        input.writeInteger(0x0000_FFFF as UInt32)
        return try inflate(input, as: .raw, limit: limit)
    }

    /// The whole of a compressed buffer.
    package static func inflate(_ bytes: ByteBuffer, as format: Format, limit: Int) throws(Failure) -> ByteBuffer {
        let stream =
            inflaters.take(format)
            ?? ZStream(format) {
                czlib_inflate_init($0, format.windowBits)
            } end: {
                inflateEnd($0)
            }
        guard let stream else { throw .damaged }
        defer { inflaters.give(stream, reset: { inflateReset($0) }) }
        var output = ByteBuffer()
        let failure = bytes.withUnsafeReadableBytes { input -> Failure? in
            stream.feed(input, into: UnsafeMutableRawBufferPointer(start: nil, count: 0))
            var status = Z_OK
            repeat {
                // One byte more than allowed tells "too large" from "just right".
                let room = min(max(4 * input.count, 1024), limit + 1 - output.readableBytes)
                guard room > 0 else { return .tooLarge }
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
                    let memory = UnsafeMutableRawBufferPointer(rebasing: memory[..<room])
                    stream.room(memory)
                    status = CZlib.inflate(stream.pointer, Z_SYNC_FLUSH)
                    return memory.count - Int(stream.pointer.pointee.avail_out)
                }
                if output.readableBytes > limit { return .tooLarge }
                // Room left means that there is no more to come.
                if status == Z_STREAM_END || (status == Z_OK || status == Z_BUF_ERROR) && stream.pointer.pointee.avail_out > 0 { break }
            } while status == Z_OK
            guard status == Z_STREAM_END || status == Z_OK || status == Z_BUF_ERROR else { return .damaged }
            return stream.pointer.pointee.avail_in == 0 ? nil : .damaged
        }
        if let failure { throw failure }
        return output
    }
}

/// A zlib stream at a fixed address, which zlib asks for.
///
/// Sendable by hand: it is taken out of its pool by one caller, who alone uses it until it is given back.
private final class ZStream: @unchecked Sendable {
    let format: Compression.Format
    let pointer: UnsafeMutablePointer<z_stream>
    private let end: (UnsafeMutablePointer<z_stream>) -> Int32

    init?(
        _ format: Compression.Format, _ start: (UnsafeMutablePointer<z_stream>) -> Int32,
        end: @escaping (UnsafeMutablePointer<z_stream>) -> Int32
    ) {
        self.format = format
        self.end = end
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: z_stream())
        guard start(pointer) == Z_OK else {
            pointer.deallocate()
            return nil
        }
    }

    deinit {
        _ = end(pointer)
        pointer.deallocate()
    }

    func feed(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        // zlib reads the input only; its type is from a time without const.
        pointer.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        pointer.pointee.avail_in = UInt32(clamping: input.count)
        room(output)
    }

    func room(_ output: UnsafeMutableRawBufferPointer) {
        pointer.pointee.next_out = output.assumingMemoryBound(to: UInt8.self).baseAddress
        pointer.pointee.avail_out = UInt32(clamping: output.count)
    }
}

/// Streams that wait for their next use: as many as were used at the same time, at most a few.
private final class StreamPool: Sendable {
    private static let capacity = 8
    private let streams = Mutex<[ZStream]>([])

    func take(_ format: Compression.Format) -> ZStream? {
        streams.withLock { streams in
            guard let index = streams.lastIndex(where: { $0.format == format }) else { return nil }
            return streams.remove(at: index)
        }
    }

    func give(_ stream: ZStream, reset: (UnsafeMutablePointer<z_stream>) -> Int32) {
        guard reset(stream.pointer) == Z_OK else { return }
        streams.withLock { streams in
            if streams.count < Self.capacity { streams.append(stream) }
        }
    }
}
