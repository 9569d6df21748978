import NIOCore
import SocketIOWire
import Testing

@testable import Tapedeck

@Suite("Replay rules")
struct ReplayRuleTests {
    /// The paths at which the two differ under the rules.
    func differences(_ expected: [JSONValue], _ got: [JSONValue], event: String = "e", _ rules: ReplayRule...) -> [String] {
        let table = VariableTable()
        let comparison = Comparison(table: table, rules: RuleSet(rules), bindings: Bindings(table: table))
        return comparison.compare(expected, with: got, event: event, holdsVariables: false).differences.map {
            "\($0.kind.rawValue) \($0.path)"
        }
    }

    @Test("compare JSON: key order is free, 1 is 1.0, null is not missing, array order counts")
    func equality() {
        #expect(differences([["a": 1, "b": [1, 2]]], [["b": [1.0, 2], "a": 1.0]]).isEmpty)
        #expect(differences([["a": nil]], [[:]]) == ["missing $[0].a"])
        #expect(differences([["x": 1]], [["y": 1]]) == ["missing $[0].x", "added $[0].y"])
        #expect(differences([[1, 2]], [[2, 1]]) == ["value $[0][0]", "value $[0][1]"])
        #expect(differences([1], ["1"]) == ["type $[0]"])
        #expect(differences(["a", "b"], ["a"]) == ["missing $[1]"])
        #expect(differences(["a"], ["a", nil]) == ["added $[1]"])
        #expect(differences([.binary(ByteBuffer(bytes: [1]))], [.binary(ByteBuffer(bytes: [1]))]).isEmpty)
        #expect(differences([.binary(ByteBuffer(bytes: [1]))], [.binary(ByteBuffer(bytes: [2]))]) == ["value $[0]"])
        #expect(differences([["a b": 1]], [["a b": 2]]) == ["value $[0]['a b']"])
    }

    @Test("ignore a place in one event or in all", arguments: ["$.at", "$[0].at", "e:$[0].at", "e:$.at", "$..at", "$[*].at", "$[0]['at']"])
    func ignoring(text: String) throws {
        #expect(try differences([["at": 1]], [["at": 2]], ReplayRule(ignoring: text)).isEmpty)
        #expect(try differences([["at": 1]], [[:]], ReplayRule(ignoring: text)).isEmpty)
        #expect(try differences([["at": 1, "x": 1]], [["at": 2, "x": 2]], ReplayRule(ignoring: text)) == ["value $[0].x"])
    }

    @Test("do not ignore what they do not name", arguments: ["other:$.at", "$[1].at", "$.a", "$.x.at", "e:$[0].at.x", "e"])
    func notIgnoring(text: String) throws {
        let rule = try ReplayRule(ignoring: text)
        #expect(differences([["at": 1]], [["at": 2]], rule) == ["value $[0].at"])
    }

    @Test("reach into arrays and objects")
    func deep() throws {
        let expected: [JSONValue] = [["users": [["id": 1, "name": "a"], ["id": 2, "name": "b"]]]]
        let got: [JSONValue] = [["users": [["id": 3, "name": "a"], ["id": 4, "name": "b"]]]]
        #expect(try differences(expected, got, ReplayRule(ignoring: "$.users[*].id")).isEmpty)
        #expect(try differences(expected, got, ReplayRule(ignoring: "$..id")).isEmpty)
        #expect(try differences(expected, got, ReplayRule(ignoring: "$.users[0].id")) == ["value $[0].users[1].id"])
        #expect(try differences(expected, got, ReplayRule(ignoring: "$.*[*].*")).isEmpty)
    }

    @Test("take event names with colons and dollars")
    func eventNames() throws {
        #expect(try differences([1], [2], event: "room:update", ReplayRule(ignoring: "room:update:$[0]")).isEmpty)
        #expect(try differences([1], [2], event: "price:$x", ReplayRule(ignoring: "price:$x:$")).isEmpty)
        #expect(try ReplayRule(ignoring: "room:update").event == "room:update")
        #expect(try ReplayRule(ignoring: "room:update").path == nil)
    }

    @Test(
        "match kinds instead of values",
        arguments: [
            ("uuid", JSONValue.string("123e4567-e89b-12d3-a456-426614174000"), JSONValue.string("123e4567e89b12d3a456426614174000")),
            ("iso8601", .string("2026-11-23T04:14:17.123Z"), .string("yesterday")), ("number", .number(1.5), .string("1.5")),
            ("string", .string(""), .integer(1)), ("/^t-[0-9]+$/", .string("t-12"), .string("t-x")),
        ])
    func matching(kind: String, good: JSONValue, bad: JSONValue) throws {
        let rule = try ReplayRule(matching: "e:$[0].v=\(kind)")
        #expect(differences([["v": "recorded"]], [["v": good]], rule).isEmpty)
        #expect(differences([["v": "recorded"]], [["v": bad]], rule) == ["value $[0].v"])
        #expect(differences([["v": "recorded"]], [[:]], rule) == ["missing $[0].v"])
    }

    @Test("match near numbers, Unix times, arrays in any order and what is at least there")
    func looking() throws {
        #expect(try differences([10], [10.4], ReplayRule(matching: "$[0]=number±0.5")).isEmpty)
        #expect(try differences([10], [10.6], ReplayRule(matching: "$[0]=number±0.5")) == ["value $[0]"])
        #expect(try differences([10], ["10"], ReplayRule(matching: "$[0]=number+-1")) == ["value $[0]"])
        #expect(try differences([1_700_000_000], [1_800_000_000_000], ReplayRule(matching: "$[0]=epoch")).isEmpty)
        #expect(try differences([1_700_000_000], [42], ReplayRule(matching: "$[0]=epoch")) == ["value $[0]"])
        let unordered = try ReplayRule(matching: "$[0]=unordered")
        #expect(differences([[1, ["a": 1], 2]], [[2, 1, ["a": 1]]], unordered).isEmpty)
        #expect(differences([[1, 2, 2]], [[2, 1, 3]], unordered) == ["missing $[0][2]", "added $[0][2]"])
        let subset = try ReplayRule(matching: "$[0]=subset")
        #expect(differences([["a": 1, "b": [1]]], [["b": [1, 2], "a": 1, "c": 3]], subset).isEmpty)
        #expect(differences([["a": 1]], [["a": 2, "c": 3]], subset) == ["value $[0].a"])
        #expect(throws: RuleError.self) { _ = try ReplayRule(matching: "$[0]=number±x") }
    }

    @Test(
        "say what is wrong with them",
        arguments: [
            ("", "it is empty"), ("$[", "'[' is not closed"), ("$.", "a name is missing"), ("$[x]", "neither a number"),
            ("$['x]", "not closed"), ("e:$[0", "'[' is not closed"), ("$[-1]", "neither a number"),
        ])
    func errors(text: String, reason: String) {
        let error = #expect(throws: RuleError.self) { _ = try ReplayRule(ignoring: text) }
        #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.rule == text)
    }

    @Test("of a kind say what is wrong with them", arguments: ["$.a", "e=uuid", "$.a=colour", "$.a=/[/", "$.a="])
    func matchErrors(text: String) {
        #expect(throws: RuleError.self) { _ = try ReplayRule(matching: text) }
    }
}
