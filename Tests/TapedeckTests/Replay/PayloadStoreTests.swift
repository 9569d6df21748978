import NIOCore
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("The payloads of a long recording")
struct PayloadStoreTests {
    @Test("come back as they were stored, from memory and from the file, in any order", arguments: [0, 100, 5000, 1 << 20])
    func comeBack(memoryLimit: Int) {
        let store = PayloadStore(memoryLimit: memoryLimit)
        var generator = SeededGenerator(seed: 7)
        let payloads = (0..<2000).map { _ in
            (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let places = payloads.map { payload in payload.withUnsafeBytes { store.append($0) } }
        for index in payloads.indices.shuffled(using: &generator) {
            #expect(Array(store.slice(places[index]).readableBytesView) == payloads[index])
        }
        let late = [UInt8](repeating: 7, count: 50).withUnsafeBytes { store.append($0) }
        #expect(store.slice(late).readableBytes == 50)
    }

    @Test("give the same arguments, attachments included, as were stored")
    func arguments() {
        let store = PayloadStore(memoryLimit: 64)
        let picture = JSONValue.binary(ByteBuffer(bytes: [0, 1, 255]))
        let all: [[JSONValue]] = [
            [], [nil], ["text", 1, 2.5, ["a": [true, "ünï\n\"cödé\""]]], [picture, ["deep": [picture, .binary(ByteBuffer())]]],
            ["_placeholder", ["_placeholder": true, "num": 0]],
        ]
        let stored = all.map { RecordedArguments($0).stored(in: store) }
        for (arguments, values) in zip(stored, all) {
            #expect(arguments.values == values)
            #expect(arguments.isEmpty == values.isEmpty)
        }
    }

    @Test("show their strings, names and integers as they are, escapes resolved")
    func tokens() {
        struct Collector: TokenVisitor {
            var found: [String] = []
            mutating func string(_ utf8: UnsafeRawBufferPointer, isKey: Bool) {
                found.append((isKey ? "key " : "text ") + String(decoding: utf8, as: UTF8.self))
            }
            mutating func integer(_ value: Int64) { found.append("\(value)") }
        }
        let store = PayloadStore()
        let text = #""a\"b" , {"k\u00e9y" : [1,-20,3.5,1e3,true,null,"z"]},"","n""#
        let arguments = text.utf8.withContiguousStorageIfAvailable { bytes in
            RecordedArguments(storing: UnsafeRawBufferPointer(bytes), in: store)
        }
        var collector = Collector()
        arguments?.visit(&collector)
        #expect(collector.found == [#"text a"b"#, "key kéy", "1", "-20", "text z", "text ", "text n"])
    }

    @Test("of an array are found without its first elements, and nothing else passes for one")
    func elements() throws {
        func elements(_ text: String, dropping count: Int) throws -> String? {
            var text = text
            return try text.withUTF8 { bytes in
                let raw = UnsafeRawBufferPointer(bytes)
                return try JSONTokens.elements(of: raw, dropping: count, attachments: 0).map { String(decoding: raw[$0], as: UTF8.self) }
            }
        }
        #expect(try elements(#"["echo",1,{"a":"]"}]"#, dropping: 1) == #"1,{"a":"]"}"#)
        #expect(try elements(#" [ "echo" ] "#, dropping: 1)?.allSatisfy(\.isWhitespace) == true)
        #expect(try elements("[]", dropping: 1)?.isEmpty == true)
        #expect(try elements("[1,2]", dropping: 0) == "1,2")
        #expect(try elements(#"{"a":1}"#, dropping: 1) == nil)
        #expect(throws: JSONError.self) { try elements(#"["echo",]"#, dropping: 1) }
        #expect(throws: JSONError.self) { try elements(#"["echo""#, dropping: 1) }
    }
}
