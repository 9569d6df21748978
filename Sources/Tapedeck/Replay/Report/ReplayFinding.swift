/// One difference between what the recorded server sent and what the live one sends, with its cause in view.
public struct ReplayFinding: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// It came then, and does not come now.
        case missing
        /// It comes with other content.
        case changed
        /// It comes now, and did not come then.
        case extra
        /// It comes in another order, or too late.
        case order
        /// A broadcast reaches others than it reached.
        case recipients
        /// The same content comes under another event name.
        case renamed
        /// A connection or a stay in a namespace begins or ends differently.
        case connection
        /// Two values that differed in the recording have become one.
        case crossTalk = "cross-talk"
    }

    /// How much it weighs: high for what is missing, removed or of another type, medium for values, order and what is too much, low for
    /// what was only added.
    public enum Grade: String, Sendable, Hashable, CaseIterable, Comparable {
        case low, medium, high

        public static func < (left: Self, right: Self) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    public let kind: Kind
    public let grade: Grade
    /// One sentence.
    public let title: String
    /// The tape's ids.
    public let connectionID: Int64
    public let sessionID: Int64?
    /// `ann (session 2)`; `nil` where the finding is about the connection.
    public let session: String?
    public let namespace: String?
    /// The event that it is about, or whose ack it is about; `connect`, `connect_error` and `disconnect` for these.
    public let event: String?
    /// The packet of the tape that it is about; for something additional, the last one that had come as recorded.
    public let packetID: Int64?
    /// That packet's time, microseconds since 1970.
    public let at: Int64
    /// Path by path.
    public let differences: [ReplayDifference]
    /// The packets of its lane that preceded it in the recording, at most three.
    public let context: [String]
    /// The rules that would accept it, as command line options.
    public let acceptedBy: [String]
    /// How many more findings are of the same kind at the same event and places.
    public internal(set) var repetitions = 0
    /// How many expectations could not be judged because of it.
    public internal(set) var downstream = 0
}

extension ReplayFinding: CustomStringConvertible {
    /// Title, place and differences, as the report has them.
    public var description: String { ReplayReport.block(self).joined(separator: "\n") }
}
