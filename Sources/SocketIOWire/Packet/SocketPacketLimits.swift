/// What a Socket.IO packet may ask of the receiver.
public struct SocketPacketLimits: Sendable, Hashable {
    /// Attachments of one packet; a client with more images in one event is cut off (trap 37 of the behaviour notes).
    public var maxAttachments: Int
    /// Nested arrays and objects.
    public var maxDepth: Int
    /// UTF-8 bytes.
    public var maxNamespaceLength: Int

    public init(maxAttachments: Int = 10, maxDepth: Int = 256, maxNamespaceLength: Int = 256) {
        self.maxAttachments = maxAttachments
        self.maxDepth = maxDepth
        self.maxNamespaceLength = maxNamespaceLength
    }
}
