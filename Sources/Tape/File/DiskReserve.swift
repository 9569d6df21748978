#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Some room on the tape's disk that nobody else can take: given back when the disk is full, so that the tape can still say what
/// it misses.
///
/// A file without a name, so nothing is left over however the process ends.
struct DiskReserve: ~Copyable {
    private let descriptor: Int32

    private static let bytes = 512 << 10

    /// Nil if there is no room for it now, or no way.
    init?(beside path: String) {
        let name = "\(path)-reserve-\(getpid())"
        descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        unlink(name)
        // Written rather than promised: not every file system keeps a promise. Not zeros, which some would not store.
        let piece = [UInt8](repeating: 0x54, count: 64 << 10)
        for offset in stride(from: 0, to: Self.bytes, by: piece.count)
        where pwrite(descriptor, piece, piece.count, off_t(offset)) != piece.count {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}
