import Foundation

struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Time on the wall, and CPU time of all threads of the process.
struct Stopwatch {
    private let begin = ContinuousClock.now
    private let cpuBegin = Self.cpuTime

    var seconds: Double { (ContinuousClock.now - begin) / .seconds(1) }
    var cpu: Double { Self.cpuTime - cpuBegin }

    private static var cpuTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

func fileSize(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
}

extension Double {
    /// "12.34"
    func text(_ digits: Int = 2) -> String { String(format: "%.\(digits)f", self) }
}

func cell(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

/// A line on standard output, at once also where that is no terminal.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
