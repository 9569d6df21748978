import SocketIOWire
import Tape

/// How a connection or a session ended, in words: Socket.IO's reasons say what was seen, not who did it.
struct EndOfConversation: Sendable {
    static let packetCount = 10

    /// Who brought it about, as far as the reason tells.
    enum Party: String, CaseIterable {
        case client, server, network, recorder
    }

    let reason: String?
    let detail: String?
    /// ISO 8601; nil while it lasts.
    let at: String?
    let packets: [PacketRow]

    var json: JSONValue {
        get throws {
            let told = reason.flatMap(Self.told)
            return [
                "ended": .bool(at != nil),
                "at": at.map { .string($0) } ?? .null,
                "reason": reason.map { .string($0) } ?? .null,
                "detail": detail.map { .string($0) } ?? .null,
                "by": told.map { .string($0.by.rawValue) } ?? .null,
                "explanation": .string(told?.meaning ?? (at == nil ? "It has not ended." : "The reason is not one that Socket.IO knows.")),
                "last_packets": .array(try packets.map { try JSONValue(row: $0) }),
            ]
        }
    }

    static func told(_ reason: String) -> (by: Party, meaning: String)? {
        switch reason {
        case "client namespace disconnect": (.client, "The client left the namespace: it called disconnect().")
        case "server namespace disconnect": (.server, "The server disconnected the socket: it called disconnect().")
        case "forced server close", "forced close":
            (.server, "The server closed the whole connection.")
        case "server shutting down": (.server, "The server was shut down.")
        case "transport close": (.client, "The client closed the connection or was closed: a tab, an app, or the network on its way.")
        case "transport error": (.network, "The connection broke.")
        case "ping timeout": (.network, "The client did not answer a ping in time: it hung, slept, or could not be reached.")
        case "parse error": (.server, "The server closed the connection, since the client sent what is no packet.")
        case "recording ended": (.recorder, "It was open when the recording ended; what became of it is not on this tape.")
        case "recording interrupted": (.recorder, "The recording was interrupted while it was open: the process was killed.")
        default: nil
        }
    }
}
