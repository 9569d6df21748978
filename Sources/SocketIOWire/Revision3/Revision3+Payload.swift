package import NIOCore

/// The polling bodies of Engine.IO 3, in which every packet has its length before it.
///
/// As text the length counts UTF-16 units, since it was JavaScript that counted (trap 26 of the behaviour notes): `6:4hello2:40`. With bytes among the
/// packets the whole body is binary: 0 for text or 1 for bytes, the length in decimal digits of one byte each, 255, then the packet.
extension Revision3 {
    /// More digits than this are no length that a body within the limits can have.
    private static let maxLengthDigits = 9

    // MARK: Text

    static func decodeText(_ body: ByteBuffer) -> (packets: [EnginePacket], error: EnginePacketError?) {
        guard body.readableBytes > 0 else { return ([], .empty) }
        guard UTF8Validation.isValid(body) else { return ([], .invalidUTF8) }
        var packets: [EnginePacket] = []
        var rest = body
        while rest.readableBytes > 0 {
            do throws(EnginePacketError) {
                guard let units = readLength(&rest, end: UInt8(ascii: ":"), zero: UInt8(ascii: "0")),
                    let bytes = length(ofUnits: units, in: rest), let text = rest.readSlice(length: bytes)
                else { throw .invalidLength }
                if units > 0 { packets.append(try packet(text: text)) }
            } catch {
                return (packets, error)
            }
        }
        return (packets, nil)
    }

    /// All packets as text, for clients that cannot take bytes or when there are none.
    package static func encodeText(_ packets: [EnginePacket]) -> ByteBuffer {
        var body = ByteBuffer()
        var text = ByteBuffer()
        for packet in packets {
            text.clear()
            writeText(packet, into: &text)
            body.writeString("\(units(of: text)):")
            body.writeImmutableBuffer(text)
        }
        return body
    }

    /// How many UTF-16 units a text takes.
    static func units(of text: ByteBuffer) -> Int {
        text.withUnsafeReadableBytes { bytes in
            bytes.reduce(0) { $0 + units(ofByte: $1) }
        }
    }

    /// A character's units are counted at its first byte: four bytes of UTF-8 are a pair in UTF-16.
    private static func units(ofByte byte: UInt8) -> Int { byte & 0xC0 == 0x80 ? 0 : byte >= 0xF0 ? 2 : 1 }

    /// How many bytes at the start of `text` make that many units; `nil` if there are fewer, or a character would be cut.
    private static func length(ofUnits wanted: Int, in text: ByteBuffer) -> Int? {
        text.withUnsafeReadableBytes { bytes in
            var units = 0
            var index = 0
            while index < bytes.count {
                let width = Self.units(ofByte: bytes[index])
                if width > 0, units == wanted { return index }
                units += width
                index += 1
            }
            return units == wanted ? index : nil
        }
    }

    // MARK: Bytes

    static func decodeBinary(_ body: ByteBuffer) -> (packets: [EnginePacket], error: EnginePacketError?) {
        guard body.readableBytes > 0 else { return ([], .empty) }
        var packets: [EnginePacket] = []
        var rest = body
        while let mark: UInt8 = rest.readInteger() {
            do throws(EnginePacketError) {
                guard mark < 2, let length = readLength(&rest, end: 255, zero: 0), let content = rest.readSlice(length: length) else {
                    throw .invalidLength
                }
                if mark == 0 {
                    guard UTF8Validation.isValid(content) else { throw .invalidUTF8 }
                    packets.append(try packet(text: content))
                } else {
                    packets.append(try packet(binary: content))
                }
            } catch {
                return (packets, error)
            }
        }
        return (packets, nil)
    }

    package static func encodeBinary(_ packets: [EnginePacket]) -> ByteBuffer {
        var body = ByteBuffer()
        for packet in packets {
            let digits = String(packet.payload.readableBytes + 1).utf8.map { $0 - UInt8(ascii: "0") }
            body.writeInteger(packet.isBinary ? 1 : 0, as: UInt8.self)
            body.writeBytes(digits)
            body.writeInteger(255, as: UInt8.self)
            body.writeInteger(packet.isBinary ? packet.type.rawValue : packet.type.digit)
            body.writeImmutableBuffer(packet.payload)
        }
        return body
    }

    /// Decimal digits, the first of which is `zero`, up to `end`.
    private static func readLength(_ bytes: inout ByteBuffer, end: UInt8, zero: UInt8) -> Int? {
        var length = 0
        var count = 0
        while let byte: UInt8 = bytes.readInteger() {
            if byte == end { return count > 0 ? length : nil }
            guard byte &- zero < 10, count < maxLengthDigits else { return nil }
            length = length * 10 + Int(byte &- zero)
            count += 1
        }
        return nil
    }
}
