/// A row of one of the contract's views, or of a list of the API: what it can hold is known by name, also where it is NULL.
public protocol TapeRow: Encodable, Sendable {
    /// The names of the columns, as the views have them.
    static var columns: [String] { get }
}

extension RunRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension ConnectionRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension SessionRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension PacketRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension AckRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension RoomChangeRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension RoomMemberRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension RoomRow: TapeRow { public static let columns = ["namespace", "room", "members"] }
extension EventCountRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension GapRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension AttachmentRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension TapeSummary: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension BroadcastRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
extension RecipientRow: TapeRow { public static let columns = CodingKeys.allCases.map(\.rawValue) }
