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
    private static let descriptors = NIOLockedValueBox<[FileIdentity: (descriptor: Int32, held: Bool)]>([:])

    private let file: FileIdentity

    /// Nil if someone else holds it. The file has to exist.
    init?(path: String) {
        guard let file = FileIdentity(path: path) else { return nil }
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

    enum Place {
        case same, moved, deleted
    }

    /// Whether the locked file is still the one at the path.
    func place(of path: String) -> Place {
        if FileIdentity(path: path) == file { return .same }
        var information = stat()
        guard let descriptor = Self.descriptors.withLockedValue({ $0[file]?.descriptor }), fstat(descriptor, &information) == 0 else {
            return .moved
        }
        return information.st_nlink == 0 ? .deleted : .moved
    }

    func unlock() {
        Self.descriptors.withLockedValue { descriptors in
            guard let known = descriptors[file], known.held else { return }
            flock(known.descriptor, LOCK_UN)
            descriptors[file] = (known.descriptor, false)
        }
    }

    private static func closeDeleted(_ descriptors: inout [FileIdentity: (descriptor: Int32, held: Bool)]) {
        for (file, known) in descriptors where !known.held {
            var information = stat()
            if fstat(known.descriptor, &information) == 0, information.st_nlink == 0 {
                close(known.descriptor)
                descriptors[file] = nil
            }
        }
    }
}
