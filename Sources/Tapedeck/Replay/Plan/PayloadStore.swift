import Foundation
import NIOConcurrencyHelpers
import NIOCore

/// Holds the payloads of a long recording: the latest in memory, up to a bound, and the rest in a file that nobody else can open and that
/// is gone with the process. So what a plan takes of memory does not depend on what was said.
final class PayloadStore: Sendable {
    /// The place of a payload.
    struct Place: Sendable, Hashable {
        fileprivate let offset: Int
        let length: Int32
    }

    private struct State {
        /// What is in memory, behind the part that is on the file.
        var recent = ByteBuffer()
        var onFile = 0
        var file: Int32?
        /// Where no file can be made, everything stays in memory.
        var canSpill = true
        /// A stretch of the file read last: readers mostly go on from where they were.
        var window = ByteBuffer()
        var windowStart = 0
    }

    private static let windowSize = 128 << 10
    private let memoryLimit: Int
    private let state = NIOLockedValueBox(State())

    /// - Parameter memoryLimit: in bytes.
    init(memoryLimit: Int = 16 << 20) { self.memoryLimit = memoryLimit }

    deinit { if let file = state.withLockedValue({ $0.file }) { close(file) } }

    func append(_ bytes: UnsafeRawBufferPointer) -> Place {
        state.withLockedValue { state in
            if state.recent.readableBytes + bytes.count > memoryLimit, state.canSpill { spill(&state) }
            let place = Place(offset: state.onFile + state.recent.readableBytes, length: Int32(clamping: bytes.count))
            state.recent.writeBytes(bytes)
            return place
        }
    }

    /// Not to be held on to: what is appended meanwhile would have to be copied.
    func slice(_ place: Place) -> ByteBuffer {
        state.withLockedValue { state -> ByteBuffer in
            let length = Int(place.length)
            if place.offset >= state.onFile {
                return state.recent.getSlice(at: state.recent.readerIndex + place.offset - state.onFile, length: length) ?? ByteBuffer()
            }
            if place.offset < state.windowStart || place.offset + length > state.windowStart + state.window.readableBytes {
                load(place.offset, max(length, Self.windowSize), &state)
            }
            return state.window.getSlice(at: state.window.readerIndex + place.offset - state.windowStart, length: length) ?? ByteBuffer()
        }
    }

    private func spill(_ state: inout State) {
        if state.file == nil {
            var name = Array((NSTemporaryDirectory() + "/tapedeck-replay-XXXXXX").utf8CString)
            let file = mkstemp(&name)
            guard file >= 0 else {
                state.canSpill = false
                return
            }
            unlink(name)
            state.file = file
        }
        guard let file = state.file else { return }
        let isWritten = state.recent.withUnsafeReadableBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = pwrite(file, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(state.onFile + done))
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
        guard isWritten else {
            state.canSpill = false
            return
        }
        state.onFile += state.recent.readableBytes
        state.recent.clear()
    }

    private func load(_ offset: Int, _ count: Int, _ state: inout State) {
        guard let file = state.file else { return }
        let wanted = min(count, state.onFile - offset)
        var window = ByteBuffer()
        window.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { bytes in
            var done = 0
            while done < wanted {
                let count = pread(file, bytes.baseAddress?.advanced(by: done), wanted - done, off_t(offset + done))
                guard count > 0 else { break }
                done += count
            }
            return done
        }
        state.window = window
        state.windowStart = offset
    }
}
