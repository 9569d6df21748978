/// Why a replay has no verdict.
public enum ReplayError: Error, Hashable, CustomStringConvertible {
    /// The tape cannot be read; the reason names it and says why.
    case unreadableTape(reason: String)
    /// The tape, or the part of it that was chosen, holds nothing that a server sent.
    case nothingToCompare(tape: String)
    /// There is no client on the tape whose server could be played.
    case nothingToPlay(tape: String)
    /// The address is no `http`, `https`, `ws` or `wss` URL.
    case invalidURL(String, reason: String)
    /// No recorded connection could be opened.
    case unreachable(url: String, reason: String)
    /// The server sends more than can be judged.
    case overrun(packets: Int)
    /// Clients have to send secrets that are not on the tape, and nobody has given them.
    case missingSecrets([String])
    /// The tape of the run cannot be written.
    case cannotRecord(path: String, reason: String)

    public var description: String {
        switch self {
        case .unreadableTape(let reason): reason
        case .nothingToCompare(let tape):
            "the tape '\(tape)' holds no expectation for this selection: nothing was received, so there is nothing to compare"
        case .nothingToPlay(let tape): "the tape '\(tape)' holds no client that connected to a namespace: there is no server to play"
        case .invalidURL(let url, let reason): "'\(url)' is no server to replay against: \(reason); give one like http://localhost:3000"
        case .unreachable(let url, let reason): "no connection to \(url): \(reason); is the server running, and is the path right?"
        case .overrun(let packets): "the server has sent \(packets) packets that were not asked for; replay has stopped"
        case .missingSecrets(let places):
            "\(places.count == 1 ? "a secret is" : "\(places.count) secrets are") not on the tape, as it should be; give "
                + "\(places.count == 1 ? "it" : "them") with --set 'connect:$.NAME=VALUE', --set 'redacted-…=VALUE', --auth or --header:\n  "
                + places.joined(separator: "\n  ")
        case .cannotRecord(let path, let reason): "the replay cannot be recorded on '\(path)': \(reason)"
        }
    }
}
