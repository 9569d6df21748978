import Foundation
import NIOCore
import SocketIOWire
import Testing

/// The three decoders that read what a client sends, fed with damaged packets: they must end with a packet or an error, soon and soundly.
///
/// A few thousand inputs in each run of the tests; `TAPEDECK_FUZZ_SECONDS=600` (`make fuzz`) goes on for that long with other seeds.
/// An input that once did harm belongs into the corpus, which every run feeds unchanged first.
@Suite("Fuzzed")
struct DecoderFuzzTests {
    private static let seconds = ProcessInfo.processInfo.environment["TAPEDECK_FUZZ_SECONDS"].flatMap(Double.init)

    static let packets = [
        "0", #"0{"token":"x"}"#, "0/chat,{}", "1/chat,", #"2["a",1,[2,{"b":null}]]"#, #"2/n,17["a","\ud83d\ude00"]"#, "30[]",
        #"4{"message":"no","data":{"code":401}}"#, #"51-["e",{"_placeholder":true,"num":0}]"#, #"62-/n,3[{"_placeholder":true,"num":1}]"#,
        // the inputs of past vulnerabilities and of traps 31 to 36 of the behaviour notes
        "", " ", "2", "42", "2[]", #"2[null]"#, "0null", "0[1]", #"1{"a":1}"#, "2 1[\"a\"]", "29007199254740993[\"a\"]",
        "599999999999-[\"a\"]",
        #"51-["e",{"_placeholder":true,"num":"0"}]"#, #"51-["e",{"_placeholder":true,"num":-1}]"#,
        #"51-["e",{"_placeholder":true,"num":1e9}]"#,
        #"52-["e",{"_placeholder":true,"num":"splice"},{"_placeholder":true,"num":0}]"#, #"2["__proto__",{"__proto__":{"a":1}}]"#,
        "2" + String(repeating: "[", count: 5000), #"2["a"# + "\u{0}", #"2["a",1e400]"#, #"2["a",-]"#, #"2["connect"]"#, #"50-["x"]"#,
    ]

    static let payloads = ["4a\u{1e}4b", "2probe", "bAQID", "3\u{1e}6\u{1e}1", "\u{1e}", "4", "b", "bA", "9", "4é\u{1e}b////"]

    @Test("Socket.IO packets end as a packet or an error, and what passes can be read and written again")
    func packets() throws {
        try feed(Self.packets.map { Array($0.utf8) }, seed: 1) { bytes in
            var decoder = SocketPacketDecoder()
            guard let packet = try? decoder.decodeText(ByteBuffer(bytes: bytes)) else {
                // An attachment may be missing; whatever comes next must not break the decoder.
                _ = try? decoder.decodeBinary(ByteBuffer(bytes: [1, 2, 3]))
                return
            }
            let values = packet.arguments.values()
            if packet.kind == .event, let name = packet.eventName {
                let again = SocketPacketEncoder.encodeEvent(
                    namespace: packet.namespace, name: name, arguments: JSONArguments(values), ackID: packet.ackID)
                var second = SocketPacketDecoder()
                let copy = try #require(try second.decodeText(again.text), "\(String(decoding: bytes, as: UTF8.self))")
                // As texts: a number beyond Double's range is infinite, and written as null, as JavaScript does.
                #expect(copy.arguments.values().description == values.description, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    @Test("Engine.IO payloads end as packets or an error")
    func payloads() throws {
        try feed(Self.payloads.map { Array($0.utf8) }, seed: 2) { bytes in
            let (packets, error) = EnginePayload.decode(ByteBuffer(bytes: bytes))
            #expect(packets.count <= bytes.count + 1)
            guard error == nil else { return }
            let (copies, second) = EnginePayload.decode(EnginePayload.encode(packets))
            #expect(second == nil)
            #expect(copies == packets)
        }
    }

    @Test("payloads of Engine.IO 3 end as packets or an error, and come back when written again", arguments: [false, true])
    func oldPayloads(isBinary: Bool) throws {
        let packets = Self.payloads.flatMap { EnginePayload.decode(ByteBuffer(string: $0)).packets }
        let body = isBinary ? Revision3.encodeBinary(packets) : Revision3.encodeText(packets)
        try feed([Array(buffer: body), Array("1:2".utf8), Array("3:4é!".utf8), [0, 1, 0xff, 0x34]], seed: 4) { bytes in
            let (packets, error) = EngineRevision.three.packets(of: ByteBuffer(bytes: bytes), isBinary: isBinary)
            guard error == nil, !packets.isEmpty else { return }
            let again = isBinary ? Revision3.encodeBinary(packets) : Revision3.encodeText(packets)
            #expect(EngineRevision.three.packets(of: again, isBinary: isBinary).packets == packets)
        }
    }

    @Test("MessagePack ends as a packet or an error, and what passes can be written again")
    func messagePack() throws {
        let parser = MessagePackParser()
        let corpus = Self.packets.compactMap { text -> [UInt8]? in
            var decoder = SocketPacketDecoder()
            guard let packet = try? decoder.decodeText(ByteBuffer(string: text)) else { return nil }
            return parser.encode(packet).first.map { Array(buffer: $0.bytes) }
        }
        try feed(corpus + [[0xdd, 0xff, 0xff, 0xff, 0xff], Array(repeating: 0x91, count: 5000)], seed: 5) { bytes in
            var decoder = parser.makeDecoder(limits: SocketPacketLimits())
            guard let packet = try? decoder.decode(.binary(ByteBuffer(bytes: bytes))) else { return }
            let copy = try #require(try decoder.decode(parser.encode(packet)[0]))
            #expect(copy.payload == packet.payload && copy.attachments == packet.attachments && copy.kind == packet.kind)
        }
    }

    @Test("WebSocket frames end as messages or an error, and mean the same byte by byte")
    func frames() throws {
        var corpus: [[UInt8]] = []
        for (opcode, payload) in [
            (WebSocketOpcode.text, "4hello"), (.binary, "abc"), (.ping, ""), (.close, ""), (.text, String(repeating: "x", count: 700)),
        ] {
            var frame = ByteBuffer()
            WebSocketFrameEncoder.write(opcode, payload: ByteBuffer(string: payload), mask: 0x1234_5678, into: &frame)
            corpus.append(Array(buffer: frame))
        }
        var fragments = ByteBuffer()
        WebSocketFrameEncoder.write(.text, payload: ByteBuffer(string: "4he"), isFinal: false, mask: 1, into: &fragments)
        WebSocketFrameEncoder.write(.ping, payload: ByteBuffer(string: "?"), mask: 2, into: &fragments)
        WebSocketFrameEncoder.write(.continuation, payload: ByteBuffer(string: "llo"), mask: 3, into: &fragments)
        corpus.append(Array(buffer: fragments))
        corpus.append([0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        corpus.append([0x88, 0x81, 0, 0, 0, 0, 1])
        try feed(corpus, seed: 3) { bytes in
            let whole = Self.messages(of: bytes, pieces: bytes.count)
            #expect(whole == Self.messages(of: bytes, pieces: 1))
        }
    }

    /// What a stream means, as text: its messages, then its error if it has one.
    private static func messages(of bytes: [UInt8], pieces: Int) -> [String] {
        var decoder = WebSocketFrameDecoder(role: .server, maxMessageSize: 100_000)
        var meaning: [String] = []
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                decoder.append(ByteBuffer(bytes: rest.prefix(pieces)))
                rest = rest.dropFirst(pieces)
                while let message = try decoder.next() { meaning.append("\(message)") }
            }
        } catch {
            meaning.append("\(error)")
        }
        return meaning
    }

    private func feed(_ corpus: [[UInt8]], seed: UInt64, _ check: ([UInt8]) throws -> Void) throws {
        for input in corpus { try check(input) }
        let end = Self.seconds.map { Date.now.addingTimeInterval($0) }
        var generator = SeededGenerator(seed: end == nil ? seed : .random(in: 0 ... .max))
        var count = 0
        while end.map({ Date.now < $0 }) ?? (count < 3000) {
            var input = corpus.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &generator) { input = generator.mutate(input) }
            try check(input)
            count += 1
        }
        if end != nil { print("fuzzed \(count) inputs") }
    }
}
