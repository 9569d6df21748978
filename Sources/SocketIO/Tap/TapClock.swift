import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Unix time from one monotonic base: never goes back, whatever happens to the system's clock.
package struct TapClock: Sendable {
    /// What to add to the monotonic clock, in microseconds.
    private let offset: Int64

    package init() {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let unix = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        offset = unix - Int64(NIODeadline.now().uptimeNanoseconds / 1_000)
    }

    package func now() -> Timestamp {
        Timestamp(microseconds: Int64(NIODeadline.now().uptimeNanoseconds / 1_000) + offset)
    }
}
