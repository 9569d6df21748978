import Foundation
import NIOCore
import SocketIOWire
import Testing

@Suite struct ArgumentTests {
    struct Photo: Codable, Equatable {
        enum Size: String, Codable { case small, large }
        enum Shape: Codable, Equatable { case circle(radius: Double), named(String) }
        var name: String
        var bytes: Data
        var raw: [UInt8]
        var size: Size
        var shapes: [Shape]
        var taken: Date
        var note: String?
        var tags: [String: Int]
        var places: [Int: Bool]
        var matrix: [[Double]]
        var id: UUID
        var link: URL
        var extra: JSONValue
    }

    private let photo = Photo(
        name: "cat \"é\" 🦦", bytes: Data([1, 2, 3]), raw: [9, 8], size: .large, shapes: [.circle(radius: 1.5), .named("x")],
        taken: Date(timeIntervalSince1970: 1_401_278_400.123), note: nil, tags: ["a": 1], places: [3: true], matrix: [[1, 2.5], []],
        id: UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")!, link: URL(string: "http://a.b/c?d=e")!, extra: ["x": [1, nil]])

    private func text(_ body: (inout ArgumentWriter) throws -> Void) rethrows -> String {
        var writer = ArgumentWriter()
        try body(&writer)
        return writer.arguments.description
    }

    private func reader(_ json: String, _ attachments: [ByteBuffer] = []) -> ArgumentReader {
        ArgumentReader(JSONArguments((try? JSONValue(parsing: json, attachments: attachments))?.arrayValue ?? []))
    }

    @Test("a whole type goes out and comes back, its bytes as attachments")
    func roundTrip() throws {
        var writer = ArgumentWriter()
        try writer.append("first")
        try writer.append(photo)
        try writer.append([photo, photo])
        let arguments = writer.arguments
        #expect(arguments.attachments.count == 6)
        #expect(arguments[1]["taken"] == "2014-05-28T12:00:00.123Z")
        #expect(arguments[1]["raw"] == .binary(ByteBuffer(bytes: [9, 8])))
        #expect(try JSONValue(parsing: arguments.description, attachments: arguments.attachments).arrayValue?.count == 3)
        var reader = ArgumentReader(arguments)
        #expect(try reader.next(String.self) == "first")
        let back = try reader.next(Photo.self)
        #expect(abs(back.taken.timeIntervalSince(photo.taken)) < 0.0005)
        var same = back
        same.taken = photo.taken
        #expect(same == photo)
        #expect(try reader.next([Photo].self).count == 2)
        #expect(reader.isAtEnd)
    }

    @Test("plain values are written as JavaScript would")
    func plain() throws {
        #expect(
            try text {
                try $0.append(1.0); try $0.append(0.1 as Float); try $0.append(Double.nan); try $0.append(UInt64.max);
                try $0.append(Int?.none)
                try $0.append(Int8(-3)); try $0.append(String?.some("s")); try $0.append(true); try $0.append([Double.infinity, 2])
            } == #"[1,0.1,null,18446744073709551615,null,-3,"s",true,[null,2]]"#)
        struct Empty: Encodable {}
        #expect(
            try text {
                try $0.append(Empty()); try $0.append([Empty]()); try $0.append([[1], []] as [[Int]])
            } == "[{},[],[[1],[]]]")
    }

    @Test("arguments are read by the types that are asked for")
    func reads() throws {
        var reader = reader(#"["a", 1, 2.0, 2.5, true, null, [1,2], {"k":"v"}, 1401278400000, "2014-05-28T14:00:00+02:00", ["x",null]]"#)
        #expect(try reader.next(String.self) == "a")
        #expect(try reader.next(Int.self) == 1)
        #expect(try reader.next(UInt8.self) == 2)
        #expect(try reader.next(Double.self) == 2.5)
        #expect(try reader.next(Bool.self))
        #expect(try reader.next(Int?.self) == nil)
        #expect(try reader.next([Int].self) == [1, 2])
        #expect(try reader.next([String: String].self) == ["k": "v"])
        #expect(try reader.next(Date.self) == Date(timeIntervalSince1970: 1_401_278_400))
        #expect(try reader.next(Date.self) == Date(timeIntervalSince1970: 1_401_278_400))
        #expect(try reader.next([String?].self) == ["x", nil])
        #expect(reader.isAtEnd)
        #expect(try reader.next(String?.self) == nil)
        #expect(try reader.next(JSONValue.self) == .null)
        #expect(throws: ArgumentError.missing(index: 11, expected: "String")) { try reader.next(String.self) }
    }

    @Test("binary arguments come from the attachments, whichever type asks")
    func binary() throws {
        let arguments = JSONArguments([
            .binary(ByteBuffer(bytes: [1, 2])), .binary(ByteBuffer(bytes: [3])), .binary(ByteBuffer(bytes: [4])), [1, 2],
        ])
        var reader = ArgumentReader(arguments)
        #expect(try reader.next(Data.self) == Data([1, 2]))
        #expect(try reader.next(ByteBuffer.self) == ByteBuffer(bytes: [3]))
        #expect(try reader.next([UInt8]?.self) == [4])
        #expect(try reader.next([UInt8].self) == [1, 2])
    }

    @Test("a mismatch says what, where and what instead")
    func mismatches() {
        struct Outer: Decodable { struct Inner: Decodable { var name: String }; var list: [Inner] }
        func failure<T: Decodable>(_ json: String, _ type: T.Type) -> ArgumentError? {
            var reader = reader(json)
            return #expect(throws: ArgumentError.self) { try reader.next(type) }
        }
        #expect(failure("[1]", String.self) == .mismatch(path: "$[0]", expected: "a string", found: "a number"))
        #expect(failure("[1.5]", Int.self) == .mismatch(path: "$[0]", expected: "an integer", found: "1.5"))
        #expect(failure("[300]", UInt8.self) == .mismatch(path: "$[0]", expected: "an integer from 0 to 255", found: "300"))
        #expect(failure("[[1,\"x\"]]", [Int].self) == .mismatch(path: "$[0][1]", expected: "an integer", found: "a string"))
        #expect(failure("[\"x\"]", Data.self) == .mismatch(path: "$[0]", expected: "binary data", found: "a string"))
        #expect(
            failure(#"[{"list":[{"name":"a"},{"name":7}]}]"#, Outer.self)
                == .mismatch(path: "$[0].list[1].name", expected: "a string", found: "a number"))
        #expect(failure(#"[{"list":[{}]}]"#, Outer.self) == .invalid(path: "$[0].list[0]", reason: "\"name\" is missing"))
        #expect(failure("[[]]", Outer.self) == .mismatch(path: "$[0]", expected: "an object", found: "an array"))
    }

    @Test("containers may be nested and interleaved in every way that Codable allows")
    func interleaved() throws {
        struct Odd: Encodable {
            func encode(to encoder: any Encoder) throws {
                enum Key: String, CodingKey { case a, b, c, d }
                var outer = encoder.container(keyedBy: Key.self)
                var list = outer.nestedUnkeyedContainer(forKey: .a)
                var inner = outer.nestedContainer(keyedBy: Key.self, forKey: .b)
                try list.encode(1)
                try inner.encode("x", forKey: .c)
                try list.encode(Data([7]))
                try outer.encode(2, forKey: .c)
                var deep = list.nestedContainer(keyedBy: Key.self)
                try inner.encode("y", forKey: .d)
                try deep.encode(true, forKey: .a)
                var last = outer.superEncoder(forKey: .d).unkeyedContainer()
                try last.encode("s")
            }
        }
        var writer = ArgumentWriter()
        try writer.append(Odd())
        try writer.append(3)
        #expect(
            writer.arguments.description == #"[{"a":[1,{"_placeholder":true,"num":0},{"a":true}],"b":{"c":"x","d":"y"},"c":2,"d":["s"]},3]"#
        )
        #expect(writer.arguments.attachments.count == 1)
    }

    @Test("classes share the object of their superclass")
    func inheritance() throws {
        class Animal: Codable { var name = "ferret" }
        final class Pet: Animal {
            var owner = "tobi"
            private enum Key: CodingKey { case owner }
            override init() { super.init() }
            required init(from decoder: any Decoder) throws {
                owner = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .owner)
                try super.init(from: decoder)
            }
            override func encode(to encoder: any Encoder) throws {
                try super.encode(to: encoder)
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(owner, forKey: .owner)
            }
        }
        var writer = ArgumentWriter()
        try writer.append(Pet())
        #expect(writer.arguments.description == #"[{"name":"ferret","owner":"tobi"}]"#)
        var reader = ArgumentReader(writer.arguments)
        #expect(try reader.next(Pet.self).name == "ferret")
    }

    @Test("a value that fails leaves nothing behind, and a cycle ends")
    func failures() throws {
        final class Loop: Encodable {
            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(Data([1]))
                try list.encode(self)
            }
        }
        var writer = ArgumentWriter()
        try writer.append(Data([0]))
        #expect(throws: ArgumentError.self) { try writer.append(Loop()) }
        try writer.append(2)
        #expect(writer.arguments.description == #"[{"_placeholder":true,"num":0},2]"#)
        #expect(writer.arguments.attachments.count == 1)
    }

    @Test("large objects, escaped and repeated keys are found")
    func members() throws {
        let many = "{" + (0..<500).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + ",\"k7\":-7}"
        var reader = ArgumentReader(JSONArguments([try JSONValue(parsing: many)]))
        let dictionary = try reader.next([String: Int].self)
        #expect(dictionary.count == 500)
        #expect(dictionary["k7"] == -7)
        var decoder = SocketPacketDecoder()
        let packet = try #require(try decoder.decodeText(ByteBuffer(string: #"2["e",{"na\u006de":"old","name":"new"} ,[ ] , 1 ]"#)))
        struct Named: Decodable { var name: String }
        var second = ArgumentReader(packet.arguments)
        #expect(try second.next(Named.self).name == "new")
        #expect(try second.next([Named].self).isEmpty)
        #expect(try second.next(Int?.self) == 1)
        #expect(second.isAtEnd)
    }

    @Test("arguments can be passed on and put together")
    func passingOn() throws {
        let binary = JSONArguments([.binary(ByteBuffer(string: "a")), "x", .binary(ByteBuffer(string: "b"))])
        var writer = ArgumentWriter()
        writer.append(contentsOf: JSONArguments())
        try writer.append(Data("c".utf8))
        writer.append(contentsOf: binary)
        writer.append(contentsOf: binary.dropFirst())
        #expect(
            writer.arguments.values() == [
                .binary(ByteBuffer(string: "c")), .binary(ByteBuffer(string: "a")), "x", .binary(ByteBuffer(string: "b")), "x",
                .binary(ByteBuffer(string: "b")),
            ])
        #expect(binary.dropFirst().attachments.count == 1)
        #expect(JSONArguments([1, 2]).dropFirst(5).isEmpty)
        #expect(JSONArguments([1, 2])[7] == .null)
    }

    @Test(
        "dates are read in all their forms",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0.0), ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29", 951_782_400_000),
            ("2014-05-28T12:00Z", 1_401_278_400_000),
            ("2014-05-28T12:00:00.5-0130", 1_401_283_800_500), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ])
    func dates(text: String, milliseconds: Double) throws {
        var reader = ArgumentReader(JSONArguments([.string(text)]))
        let date = try reader.next(Date.self)
        #expect(abs(date.timeIntervalSince1970 * 1000 - milliseconds) < 0.01)
        var writer = ArgumentWriter()
        try writer.append(date)
        var second = ArgumentReader(writer.arguments)
        #expect(abs(try second.next(Date.self).timeIntervalSince(date)) < 0.0011)
    }

    @Test(
        "what is no date is refused",
        arguments: [
            "", "2014", "2014-13-01", "2015-02-29", "2014-05-28T25:00:00Z", "2014-05-28T12:00:00", "2014-05-28T12:00:00.Z", "2014-05-28x",
        ])
    func noDates(text: String) {
        var reader = ArgumentReader(JSONArguments([.string(text)]))
        #expect(throws: ArgumentError.self) { try reader.next(Date.self) }
    }

    @Test("numbers read as Foundation reads them", arguments: 0..<50)
    func numbers(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<40 {
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            var writer = ArgumentWriter()
            try writer.append(number)
            var reader = ArgumentReader(writer.arguments)
            #expect(try reader.next(Double.self) == number)
            let text =
                "\(Int.random(in: -99999...99999, using: &generator)).\(Int.random(in: 0...Int.max, using: &generator))e\(Int.random(in: -40...40, using: &generator))"
            #expect(try JSONValue(parsing: text).doubleValue == Double(text))
        }
    }
}
