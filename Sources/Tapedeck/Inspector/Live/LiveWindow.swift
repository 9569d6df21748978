import NIOCore

/// The last blocks, up to a bound of bytes and items: what listeners that keep up are served from.
struct LiveWindow {
    /// What a listener at a position can have.
    enum Next {
        case block(LiveBlock)
        /// It has all there is.
        case nothing
        /// What follows its position has been dropped; all after this id is still here.
        case behind(Int64)
    }

    private var blocks: [LiveBlock] = []
    private var bytes = 0
    private var items = 0
    private let maxBytes: Int
    private let maxItems: Int
    /// All that happened after this id, and up to `position`, is in the blocks.
    private(set) var start: Int64
    private(set) var position: Int64

    init(position: Int64, maxBytes: Int, maxItems: Int) {
        start = position
        self.position = position
        self.maxBytes = maxBytes
        self.maxItems = maxItems
    }

    mutating func add(_ block: LiveBlock) {
        position = block.upTo
        guard !block.items.isEmpty else { return }
        blocks.append(block)
        bytes += block.text.readableBytes
        items += block.items.count
        while blocks.count > 1, bytes > maxBytes || items > maxItems {
            let oldest = blocks.removeFirst()
            bytes -= oldest.text.readableBytes
            items -= oldest.items.count
            start = oldest.upTo
        }
    }

    func next(after position: Int64) -> Next {
        guard position < self.position else { return .nothing }
        guard position >= start else { return .behind(start) }
        // The first block that reaches past the position.
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].upTo > position { high = middle } else { low = middle + 1 }
        }
        return low < blocks.count ? .block(blocks[low]) : .nothing
    }
}
