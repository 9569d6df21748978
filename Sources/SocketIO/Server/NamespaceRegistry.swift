import NIOConcurrencyHelpers

/// The namespaces of a server, by name.
///
/// Lookup by a client is one question (`resolve`), so that namespaces made on demand can answer it later as well.
final class NamespaceRegistry: Sendable {
    private let core: ServerCore
    private let namespaces: NIOLockedValueBox<[String: Namespace]>
    /// "/" exists from the start, and is asked for most.
    let root: Namespace

    init(core: ServerCore) {
        self.core = core
        self.root = Namespace(name: "/", core: core)
        self.namespaces = NIOLockedValueBox(["/": root])
    }

    var all: [Namespace] {
        namespaces.withLockedValue { $0.values.sorted { $0.name < $1.name } }
    }

    /// The namespace of this name; made if there is none yet.
    func make(_ name: String) -> Namespace {
        let name = name.hasPrefix("/") ? name : "/" + name
        // A comma ends the name on the wire, 0x1E a packet (trap 19 of the behaviour notes).
        precondition(
            !name.utf8.contains { $0 == UInt8(ascii: ",") || $0 == 0x1e }, "a namespace name may not contain ',' or U+001E: \(name)")
        return namespaces.withLockedValue { namespaces in
            if let namespace = namespaces[name] { return namespace }
            let namespace = Namespace(name: name, core: core)
            namespaces[name] = namespace
            return namespace
        }
    }

    /// The namespace that a client asks for, or nil: it is refused with `Invalid namespace`.
    func resolve(_ name: String) -> Namespace? {
        if name == "/" { return root }
        return namespaces.withLockedValue { $0[name] }
    }
}
