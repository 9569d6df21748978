import NIOConcurrencyHelpers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Holds off a second recording onto the same tape, in this process or another.
///
/// An advisory `flock` on the tape's own file: the kernel drops it when the process ends, however it ends, and SQLite's own
/// locks (POSIX record locks) do not see it. The descriptor stays open after `unlock` and is used again: closing any
/// descriptor of a file drops all POSIX locks that the process holds on it, those of SQLite's readers among them. It is
/// closed only once the file has been deleted.
final class TapeLock: Sendable {
    private struct FileID: Hashable {
        let device: UInt64
        let inode: UInt64

        init(_ information: stat) {
            device = UInt64(truncatingIfNeeded: information.st_dev)
            inode = UInt64(truncatingIfNeeded: information.st_ino)
        }
    }

    private static let descriptors = NIOLockedValueBox<[FileID: (descriptor: Int32, held: Bool)]>([:])

    private let file: FileID

    /// Nil if someone else holds it. The file has to exist.
    init?(path: String) {
        var information = stat()
        guard stat(path, &information) == 0 else { return nil }
        let file = FileID(information)
        self.file = file
        let taken = Self.descriptors.withLockedValue { descriptors -> Bool in
            Self.closeDeleted(&descriptors)
            if let known = descriptors[file], known.held { return false }
            let descriptor = descriptors[file]?.descriptor ?? open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            let locked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
            descriptors[file] = (descriptor, locked)
            return locked
        }
        if !taken { return nil }
    }

    func unlock() {
        Self.descriptors.withLockedValue { descriptors in
            guard let known = descriptors[file], known.held else { return }
            flock(known.descriptor, LOCK_UN)
            descriptors[file] = (known.descriptor, false)
        }
    }

    private static func closeDeleted(_ descriptors: inout [FileID: (descriptor: Int32, held: Bool)]) {
        for (file, known) in descriptors where !known.held {
            var information = stat()
            if fstat(known.descriptor, &information) == 0, information.st_nlink == 0 {
                close(known.descriptor)
                descriptors[file] = nil
            }
        }
    }
}
