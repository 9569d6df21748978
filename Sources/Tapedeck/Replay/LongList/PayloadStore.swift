import NIOConcurrencyHelpers
import NIOCore

/// Holds the payloads of a long recording: the latest in memory, up to a bound, and the rest in a file. So what a plan takes of memory does not depend on what was said.
final class PayloadStore: Sendable {
    /// The place of a payload.
    struct Place: BitwiseCopyable, Sendable, Hashable {
        let offset: Int
        let length: Int32
    }

    private struct State {
        /// What is in memory, behind the part that is on the file.
        var recent = ByteBuffer()
        var onFile = 0
        var file: ScratchFile?
        /// Where no file can be made, everything stays in memory.
        var canSpill = true
        /// Stretches of the file that were read last, the latest in front: readers mostly go on from where they were, and a few read side by
        /// side.
        var windows: [Window] = []
    }

    private struct Window {
        let start: Int
        let bytes: ByteBuffer

        func slice(_ place: Place) -> ByteBuffer? {
            guard place.offset >= start else { return nil }
            return bytes.getSlice(at: bytes.readerIndex + place.offset - start, length: Int(place.length))
        }
    }

    private static let windowSize = 128 << 10
    private static let windowCount = 4
    private let memoryLimit: Int
    private let state = NIOLockedValueBox(State())

    /// - Parameter memoryLimit: in bytes.
    init(memoryLimit: Int = 16 << 20) { self.memoryLimit = memoryLimit }

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
            for index in state.windows.indices {
                guard let slice = state.windows[index].slice(place) else { continue }
                if index > 0 { state.windows.swapAt(0, index) }
                return slice
            }
            return load(place.offset, max(length, Self.windowSize), &state).slice(place) ?? ByteBuffer()
        }
    }

    private func spill(_ state: inout State) {
        if state.file == nil { state.file = ScratchFile() }
        guard let file = state.file else {
            state.canSpill = false
            return
        }
        let offset = state.onFile
        let isWritten = state.recent.withUnsafeReadableBytes { file.write($0, at: offset) }
        guard isWritten else {
            state.canSpill = false
            return
        }
        state.onFile += state.recent.readableBytes
        state.recent.clear()
    }

    private func load(_ offset: Int, _ count: Int, _ state: inout State) -> Window {
        var bytes = ByteBuffer()
        let wanted = min(count, state.onFile - offset)
        if let file = state.file {
            bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { bytes in
                file.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<wanted]), at: offset)
            }
        }
        let window = Window(start: offset, bytes: bytes)
        if state.windows.count == Self.windowCount { state.windows.removeLast() }
        state.windows.insert(window, at: 0)
        return window
    }
}
