import SocketIOWire

/// What people are called in a recording, so that a report can say `ann` instead of `session 2`.
///
/// A name is looked for where applications usually put it: in the connect's auth, or in an event that sets a nickname.
struct SessionNames {
    private var nicknames: [Int64: String] = [:]
    private static let authKeys = ["name", "username", "userName", "user", "nickname", "nick", "login"]

    init(recording: Recording) {
        var namesPeople: [String: Bool] = [:]
        for packet in recording.packets where packet.direction == .incoming && packet.kind == .event {
            guard let session = packet.sessionID, let event = packet.event else { continue }
            let isName = namesPeople[event] ?? Self.namesPeople(event.lowercased())
            namesPeople[event] = isName
            guard isName, nicknames[session] == nil else { continue }
            if case .string(let name)? = packet.arguments.first, Self.isShort(name) { nicknames[session] = name }
        }
    }

    private static func namesPeople(_ event: String) -> Bool {
        event.contains("nick") || event.contains("username") || event == "login" || event == "add user"
    }

    func name(sessionID: Int64?, auth: JSONValue?) -> String? {
        if case .object(let object)? = auth {
            for key in Self.authKeys {
                if case .string(let name)? = object[key], Self.isShort(name) { return name }
            }
        }
        return sessionID.flatMap { nicknames[$0] }
    }

    private static func isShort(_ name: String) -> Bool { !name.isEmpty && name.utf8.count <= 32 }
}
