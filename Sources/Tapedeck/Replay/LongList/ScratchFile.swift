import Foundation

/// A file that nobody else can open and that is gone with the process. Bytes at offsets; who uses it keeps order among the calls.
final class ScratchFile: Sendable {
    private let descriptor: Int32

    /// `nil` where no file can be made.
    init?() {
        var name = Array((NSTemporaryDirectory() + "/tapedeck-replay-XXXXXX").utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return nil }
        unlink(name)
    }

    deinit { close(descriptor) }

    /// - Returns: whether all of it was written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// - Returns: how many bytes were read: fewer than wanted where the file ends, or cannot be read.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        var done = 0
        while done < bytes.count {
            let count = pread(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset + done))
            guard count > 0 else { break }
            done += count
        }
        return done
    }
}
