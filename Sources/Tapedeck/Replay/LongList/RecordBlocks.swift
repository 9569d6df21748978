/// Records of one size by their number. Some blocks of them are in memory, those that were asked for last; the others are in a file.
struct RecordBlocks<Record: BitwiseCopyable & Sendable>: Sendable {
    private static var blockSize: Int { 1024 }

    private(set) var count = 0
    private var blocks: [[Record]?] = []
    /// Whether a block is in memory otherwise than on file.
    private var isDirty: [Bool] = []
    /// The blocks in memory, in the order in which they came there.
    private var resident: [Int] = []
    private var file: ScratchFile?
    /// Where no file can be made or written, everything stays in memory.
    private var canSpill = true
    private let residentLimit: Int

    /// - Parameter residentLimit: how many blocks stay in memory; at least 2.
    init(residentLimit: Int) { self.residentLimit = max(2, residentLimit) }

    mutating func append(_ record: Record) {
        let block = count / Self.blockSize
        if block == blocks.count {
            var records: [Record] = []
            records.reserveCapacity(Self.blockSize)
            blocks.append(records)
            isDirty.append(true)
            admit(block)
        } else {
            bring(block)
        }
        blocks[block]?.append(record)
        isDirty[block] = true
        count += 1
    }

    /// It may have to be read from the file, so asking changes what is in memory.
    mutating func record(at index: Int) -> Record {
        let block = index / Self.blockSize
        bring(block)
        guard let record = blocks[block]?[index % Self.blockSize] else {
            preconditionFailure("block \(block) was just brought into memory")
        }
        return record
    }

    mutating func replace(at index: Int, with record: Record) {
        let block = index / Self.blockSize
        bring(block)
        blocks[block]?[index % Self.blockSize] = record
        isDirty[block] = true
    }

    private mutating func bring(_ block: Int) {
        guard blocks[block] == nil, let file else { return }
        let size = min(Self.blockSize, count - block * Self.blockSize)
        let stride = MemoryLayout<Record>.stride
        blocks[block] = [Record](unsafeUninitializedCapacity: Self.blockSize) { records, initialised in
            let bytes = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(records)[..<(size * stride)])
            let read = file.read(into: bytes, at: block * Self.blockSize * stride)
            // It was written whole, or it would still be in memory. What the disk does not give back cannot be made up.
            precondition(read == bytes.count, "the replay's scratch file cannot be read: the disk fails")
            initialised = size
        }
        isDirty[block] = false
        admit(block)
    }

    private mutating func admit(_ block: Int) {
        resident.append(block)
        while canSpill, resident.count > residentLimit {
            let oldest = resident.removeFirst()
            guard save(oldest) else {
                canSpill = false
                resident.append(oldest)
                return
            }
            blocks[oldest] = nil
        }
    }

    private mutating func save(_ block: Int) -> Bool {
        guard isDirty[block], let records = blocks[block] else { return true }
        if file == nil { file = ScratchFile() }
        guard let file else { return false }
        let offset = block * Self.blockSize * MemoryLayout<Record>.stride
        return records.withUnsafeBytes { file.write($0, at: offset) }
    }
}
