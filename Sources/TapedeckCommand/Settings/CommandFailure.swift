import ArgumentParser
import Foundation

/// Something that could not be done, said in one sentence that tells the user what to do; exit status 2.
struct CommandFailure: Error {
    let message: String

    init(_ message: String) { self.message = message }

    /// Writes the sentence to standard error and turns it into the exit status of the contract.
    func exit() -> ExitCode {
        FileHandle.standardError.write(Data("tapedeck: \(message)\n".utf8))
        return ExitCode(2)
    }
}

/// Runs `body`; what it throws, other than an exit status or wrong usage, becomes one sentence on standard error and exit status 2.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as CommandFailure {
        throw failure.exit()
    } catch let exit as ExitCode {
        throw exit
    } catch let usage as ValidationError {
        throw usage
    } catch {
        throw CommandFailure("\(error)").exit()
    }
}
