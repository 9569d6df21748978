public import Foundation

/// Where the tests find the package's own files and the programs that were built with them.
public enum TestPlaces {
    /// The package's root folder.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// An executable product, built beside the test bundle.
    public static func product(_ name: String) -> URL {
        let running = URL(filePath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        let beside = running.deletingLastPathComponent().appending(path: name)
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return root.appending(path: ".build/debug/\(name)")
    }

    /// A number from the environment, for tests that can do more than each run should.
    public static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap(Int.init) }

    /// A program of the tests' own Python environment, made by `make test-tools`.
    public static let python = root.appending(path: ".tools/venv/bin/python")
    /// With a client of Socket.IO 2.
    public static let legacyPython = root.appending(path: ".tools/legacy/bin/python")

    /// Makes a folder of its own for a test.
    public static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tapedeck-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
