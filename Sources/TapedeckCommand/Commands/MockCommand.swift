import ArgumentParser
import Foundation
import NIOConcurrencyHelpers
import SocketIO
import Tapedeck

struct MockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock",
        abstract: "Plays the recorded server to live clients.",
        discussion: """
            Each client plays one of the recorded ones; when it does what that one did, it gets what that one got, with fresh ids. What the tape
            does not know gets no answer and is reported with the nearest recorded act, on standard error at once and in the report at the end.
            Exit status: 0 the tape knew all that clients did, 1 it did not, 2 it could not be done.
            Without --record the mock itself is recorded for the inspector only, on a tape that goes when it ends.
            """
    )

    @Argument(help: "The tape whose server is played.", completion: .file())
    var source: String

    @Option(help: "causal (at once, but timers and absent clients as late as recorded), recorded (the recorded clock) or flood (at once).")
    var pace = Choice(MockOptions.Pace.causal)

    @Option(help: "How many times faster than the recorded clock.")
    var speed: Double = 1

    @Option(help: "What recorded clients brought whom nobody plays: play (it comes when it came) or silent.")
    var absent = Choice(MockOptions.Absent.play)

    @OptionGroup var rules: RuleFlags

    @Flag(help: "End at the first act that the tape does not know.")
    var strict = false

    @Option(help: ArgumentHelp("Keep what happens as a new tape; the same as --tape.", valueName: "tape"))
    var record: String?

    @Option(help: ArgumentHelp("Write the report as JSON too.", valueName: "file"))
    var json: String?

    @OptionGroup(title: "The server")
    var flags: ServerFlags

    func validate() throws {
        guard speed > 0, speed.isFinite else { throw ValidationError("--speed takes a number above 0.") }
        if record != nil, flags.tape != nil || flags.noRecord {
            throw ValidationError("--record stands alone: without --tape, --no-record.")
        }
    }

    func run() async throws {
        try await reportingFailures {
            let mock = try Mock(source, options())
            let folder = try temporaryFolder()
            defer { if let folder { Self.remove(folder) } }
            let settings = try settings(for: mock, recordingOn: folder)
            let server = RecordingServer(settings)
            let performance = NIOLockedValueBox<Mock.Performance?>(nil)
            try await server.run { io in
                let begun = mock.install(on: io, onUnknown: Self.say, onStop: server.stop)
                performance.withLockedValue { $0 = begun }
            }
            guard let report = try await performance.withLockedValue({ $0 })?.report() else { return }
            try write(report)
            if !report.isComplete { throw ExitCode(1) }
        }
    }

    private func options() throws -> MockOptions {
        var options = MockOptions()
        options.pace = pace.value
        options.speed = speed
        options.absent = absent.value
        options.isStrict = strict
        do { options.rules = try rules.given() } catch let error as RuleError { throw ValidationError(error.description) }
        for file in try rules.files() { options.rules += file.rules }
        return options
    }

    /// Where the inspector's tape is, if no other is asked for.
    private func temporaryFolder() throws -> URL? {
        let isKept = try record != nil || Settings().value(flags.tape, "TAPE") != nil
        guard !isKept, try !Settings().isOn(flags.noRecord, "NO_RECORD") else { return nil }
        let folder = FileManager.default.temporaryDirectory.appending(path: "tapedeck-mock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return folder
    }

    private static func remove(_ folder: URL) {
        do { try FileManager.default.removeItem(at: folder) } catch {
            FileHandle.standardError.write(Data("tapedeck: '\(folder.path)' could not be removed: \(error.localizedDescription)\n".utf8))
        }
    }

    /// The settings of any server, with what the recorded clients need where nothing else was said.
    private func settings(for mock: Mock, recordingOn folder: URL?) throws -> ServerSettings {
        var flags = flags
        flags.tape = try record ?? Settings().value(flags.tape, "TAPE") ?? folder?.appending(path: "mock.tape").path
        var settings = try ServerSettings(flags)
        if let tape = settings.tape, URL(filePath: tape).standardizedFileURL == URL(filePath: source).standardizedFileURL {
            throw CommandFailure("'\(tape)' is the tape that is played; record on another one.")
        }
        if let record, FileManager.default.fileExists(atPath: record) {
            throw CommandFailure("'\(record)' exists; --record makes a new tape.")
        }
        let own = Settings()
        if try own.value(flags.path, "PATH") == nil { settings.engine.path = mock.recorded.path }
        if mock.recorded.hasLegacyClients { settings.engine.allowEIO3 = true }
        if try own.value(flags.parser, "PARSER") == nil { settings.usesMessagePack = mock.recorded.usesMessagePack }
        return settings
    }

    private static func say(_ act: UnknownAct) {
        FileHandle.standardError.write(Data("tapedeck: \(act.title)\n".utf8))
    }

    private func write(_ report: MockReport) throws {
        let output = StandardOutput()
        try output.write(report.text)
        try output.flush()
        guard let json else { return }
        do { try Data((report.json.description + "\n").utf8).write(to: URL(filePath: json)) } catch {
            throw CommandFailure("'\(json)' cannot be written: \(error.localizedDescription)")
        }
    }
}
