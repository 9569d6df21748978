import Foundation

/// Standard output for results: gathered into large pieces, and quiet when its reader has gone (`| head`).
final class StandardOutput {
    private var pending = ""

    func write(_ text: String) throws {
        pending += text
        if pending.utf8.count > 1 << 16 { try flush() }
    }

    func flush() throws {
        defer { pending = "" }
        try FileHandle.standardOutput.write(contentsOf: Data(pending.utf8))
    }
}
