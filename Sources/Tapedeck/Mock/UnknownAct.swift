import SocketIOWire
import Tape

/// Something that a client did and that the tape does not know.
public struct UnknownAct: Sendable, CustomStringConvertible {
    /// What of the recording comes nearest.
    public struct Nearest: Sendable {
        /// As `emit 'chat message'`.
        public let what: String
        /// Who did it then, as `ann (session 2)`.
        public let session: String
        /// Its packet on the tape.
        public let packetID: Int64?
        /// When; microseconds since 1970.
        public let at: Int64
        /// Where it differs from what the client did now.
        public let differences: [ReplayDifference]
    }

    /// What the client did, as `emit 'chat message'`.
    public let what: String
    /// What it carried, as JSON; long values cut.
    public let arguments: String
    /// The client's namespace.
    public let namespace: String
    /// Whom of the recording the client plays, as `ann (session 2)`; `nil` if nobody yet.
    public let session: String?
    public let nearest: Nearest?
    /// In the place of `nearest`, or besides: what the tape has instead.
    public let note: String?

    public var description: String { lines.joined(separator: "\n") }

    /// One line for a log.
    public var title: String {
        "the tape does not know: \(what)\(arguments.isEmpty ? "" : " \(arguments)")" + (session.map { ", as \($0)" } ?? "")
            + (namespace == "/" ? "" : " in \(namespace)")
    }

    var lines: [String] {
        var lines = ["\(what)\(arguments.isEmpty ? "" : " \(arguments)")"]
        var place: [String] = []
        if let session { place.append("by the client that plays \(session)") }
        if namespace != "/" { place.append("in \(namespace)") }
        if !place.isEmpty { lines.append("   \(place.joined(separator: " "))") }
        if let nearest {
            let packet = nearest.packetID.map { "packet \($0), " } ?? ""
            lines.append("   nearest: \(nearest.what) of \(nearest.session), \(packet)\(UnixTime.text(nearest.at))")
            for difference in nearest.differences.prefix(10) {
                lines.append("     \(difference.path): recorded \(difference.expected ?? "nothing"), got \(difference.got ?? "nothing")")
            }
            if nearest.differences.count > 10 { lines.append("     and \(nearest.differences.count - 10) more differences") }
        }
        if let note { lines.append("   \(note)") }
        return lines
    }

    var json: JSONValue {
        var object: JSONObject = ["what": .string(what), "arguments": .string(arguments), "namespace": .string(namespace)]
        if let session { object["session"] = .string(session) }
        if let note { object["note"] = .string(note) }
        if let nearest {
            object["nearest"] = [
                "what": .string(nearest.what), "session": .string(nearest.session),
                "packet": nearest.packetID.map { .integer($0) } ?? .null, "at": .string(UnixTime.text(nearest.at)),
                "differences": .array(
                    nearest.differences.map {
                        [
                            "kind": .string($0.kind.rawValue), "path": .string($0.path),
                            "recorded": $0.expected.map { .string($0) } ?? .null, "got": $0.got.map { .string($0) } ?? .null,
                        ]
                    }),
            ]
        }
        return .object(object)
    }
}
