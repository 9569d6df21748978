enum WebSocketMask {
    /// XORs the bytes with the four bytes of the key, which is given as they lie in memory. The same call takes a mask off.
    @inline(__always)
    static func apply(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer) {
        let wide = UInt64(key) | UInt64(key) << 32
        let count = bytes.count
        var index = 0
        while index + 8 <= count {
            bytes.storeBytes(of: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ wide, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        // the key in memory order: its bytes from the lowest address on
        withUnsafeBytes(of: key) { key in
            while index < count {
                bytes[index] ^= key[index & 3]
                index += 1
            }
        }
    }
}
