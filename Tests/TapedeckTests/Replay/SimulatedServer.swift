import NIOCore
import SocketIOWire

@testable import Tapedeck

/// A chat server in memory: what a connection sends goes in, what connections receive comes out. Its ids differ with its seed, and one
/// thing at a time can be broken in it.
struct SimulatedServer {
    enum Fault: String, CaseIterable {
        case ackChanged, recipientLeftOut, fieldRenamed, fieldAdded, eventDoubled, numberAsText, eventLost, ackLost, eventRenamed
        case ackDoubled, refusalChanged, refusalGone, kickLost, answerChanged, binaryChanged, swapped, questionWithoutAck, sameTicket
        case acceptanceGone, leaveWithoutEffect, connectionCut, strangerTold
    }

    struct Output {
        let connection: Int
        let packet: LanePacket
        let broadcast: Int64?
    }

    private struct Socket {
        let sid: String
        let connection: Int
        let namespace: String
    }

    let seed: Int
    var fault: Fault?
    private(set) var cutConnections: Set<Int> = []
    private var sockets: [Socket] = []
    private var rooms: [String: [String]] = [:]
    private var tickets: Set<String> = []
    private var made = 0
    private var broadcasts: Int64 = 0
    private var questions: [UInt64: String] = [:]
    private var outputs: [Output] = []

    init(seed: Int, fault: Fault? = nil) {
        self.seed = seed
        self.fault = fault
    }

    mutating func makeID(_ what: String) -> String {
        made += 1
        var state = UInt64(bitPattern: Int64(seed &* 7919 &+ made)) &* 0x9E37_79B9_7F4A_7C15
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        var text = ""
        for _ in 0..<(20 - what.count) {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text.append(letters[Int(state >> 33) % letters.count])
        }
        return what + text
    }

    mutating func receive(_ packet: LanePacket, from connection: Int) -> [Output] {
        outputs = []
        switch packet.kind {
        case .connect: connect(packet, connection)
        case .disconnect: leave(packet.namespace, connection)
        case .event(let name, let ackID):
            if let socket = socket(connection, packet.namespace) { event(name, packet.arguments, ackID, socket) }
        case .ack(let id):
            if let socket = socket(connection, packet.namespace), questions[id] == socket.sid {
                send("answer", fault == .answerChanged ? ["nothing"] : packet.arguments, to: socket)
            }
        case .connectError: break
        }
        return outputs
    }

    mutating func close(_ connection: Int) -> [Output] {
        outputs = []
        for socket in sockets.filter({ $0.connection == connection }) {
            remove(socket)
            broadcast("left", [.string(socket.sid)], to: sockets.filter { $0.namespace == socket.namespace })
        }
        return outputs
    }

    private mutating func connect(_ packet: LanePacket, _ connection: Int) {
        guard ["/", "/custom", "/private"].contains(packet.namespace) else {
            return refuse(packet.namespace, ["message": "Invalid namespace"], connection)
        }
        if packet.namespace == "/private", packet.arguments.first?["token"] != "letmein", fault != .refusalGone {
            return refuse(
                packet.namespace, ["message": "unauthorized", "data": ["code": fault == .refusalChanged ? 403 : 401]], connection)
        }
        if fault == .acceptanceGone, packet.namespace == "/custom" { return refuse(packet.namespace, ["message": "full"], connection) }
        let socket = Socket(sid: makeID("s"), connection: connection, namespace: packet.namespace)
        sockets.append(socket)
        reply(LanePacket(kind: .connect, namespace: packet.namespace, arguments: [["sid": .string(socket.sid)]]), to: socket)
        send("auth", [packet.arguments.first ?? [:]], to: socket)
    }

    private mutating func refuse(_ namespace: String, _ payload: JSONValue, _ connection: Int) {
        outputs.append(
            Output(
                connection: connection, packet: LanePacket(kind: .connectError, namespace: namespace, arguments: [payload]), broadcast: nil)
        )
    }

    private mutating func event(_ name: String, _ arguments: [JSONValue], _ ackID: UInt64?, _ socket: Socket) {
        switch name {
        case "message":
            if fault == .swapped, arguments.count > 1 {
                for argument in arguments.reversed() { send("message-back", [argument], to: socket) }
            } else if arguments.count > 1 {
                for argument in arguments { send("message-back", [argument], to: socket) }
            } else if fault != .eventLost {
                send(fault == .eventRenamed ? "message_back" : "message-back", arguments, to: socket)
            }
        case "echo":
            var back = arguments
            if fault == .ackChanged, !back.isEmpty { back[0] = "changed" }
            if fault == .numberAsText, case .integer(let number)? = back.last { back[back.count - 1] = .string("\(number)") }
            if fault == .binaryChanged, case .binary(var bytes)? = back.last {
                bytes.writeInteger(UInt8(1))
                back[back.count - 1] = .binary(bytes)
            }
            if fault != .ackLost { ack(back, ackID, socket) }
            if fault == .ackDoubled { ack(back, ackID, socket) }
        case "join":
            let room = arguments.first?.stringValue ?? ""
            if !rooms[room, default: []].contains(socket.sid) { rooms[room, default: []].append(socket.sid) }
            ack([true], ackID, socket)
        case "leave":
            if fault != .leaveWithoutEffect { rooms[arguments.first?.stringValue ?? ""]?.removeAll { $0 == socket.sid } }
            ack([true], ackID, socket)
        case "cast":
            var members = sockets.filter { rooms[arguments.first?.stringValue ?? "", default: []].contains($0.sid) }
            if fault == .recipientLeftOut, members.count > 1 { members.removeLast() }
            if fault == .strangerTold { members = sockets.filter { $0.namespace == socket.namespace } }
            broadcast("cast", arguments, to: members)
        case "shout": broadcast("shout", arguments, to: sockets.filter { $0.sid != socket.sid && $0.namespace == socket.namespace })
        case "dm":
            if let receiver = sockets.first(where: { $0.sid == arguments.first?.stringValue }) {
                send("dm", [.string(socket.sid)] + arguments.dropFirst(), to: receiver)
            }
        case "chat message":
            made += 1
            var message: JSONObject = ["from": .string(socket.sid), "at": .integer(Int64(seed * 1_000_000 + made))]
            message[fault == .fieldRenamed ? "txt" : "text"] = arguments.first ?? .null
            if fault == .fieldAdded { message["more"] = true }
            let everyone = sockets.filter { $0.namespace == socket.namespace }
            broadcast("chat message", [.object(message)], to: everyone)
            if fault == .eventDoubled { broadcast("chat message", [.object(message)], to: everyone) }
            if fault == .connectionCut, arguments.first == "cut" { cutConnections.insert(socket.connection) }
        case "whoami": ack([["id": .string(socket.sid), "rooms": .array(myRooms(socket))]], ackID, socket)
        case "ask":
            made += 1
            let id = UInt64(seed * 1000 + made)
            questions[id] = socket.sid
            let kind = LanePacket.Kind.event(name: "question", ackID: fault == .questionWithoutAck ? nil : id)
            reply(LanePacket(kind: kind, namespace: socket.namespace, arguments: arguments), to: socket)
        case "ticket":
            let ticket = fault == .sameTicket ? "the-one-and-only" : makeID("t")
            tickets.insert(ticket)
            ack([.string(ticket)], ackID, socket)
        case "redeem":
            let text = arguments.first?.stringValue ?? ""
            let ticket = text.split(separator: " ").last.map(String.init) ?? ""
            ack([.bool(tickets.remove(ticket) != nil)], ackID, socket)
        case "kick":
            guard fault != .kickLost else { return }
            remove(socket)
            reply(LanePacket(kind: .disconnect, namespace: socket.namespace), to: socket)
        default: break
        }
    }

    private func myRooms(_ socket: Socket) -> [JSONValue] {
        rooms.filter { $0.value.contains(socket.sid) }.keys.sorted().map { .string($0) }
    }

    private func socket(_ connection: Int, _ namespace: String) -> Socket? {
        sockets.first { $0.connection == connection && $0.namespace == namespace }
    }

    private mutating func leave(_ namespace: String, _ connection: Int) {
        if let socket = socket(connection, namespace) { remove(socket) }
    }

    private mutating func remove(_ socket: Socket) {
        sockets.removeAll { $0.sid == socket.sid }
        for room in rooms.keys { rooms[room]?.removeAll { $0 == socket.sid } }
    }

    private mutating func ack(_ arguments: [JSONValue], _ ackID: UInt64?, _ socket: Socket) {
        guard let ackID else { return }
        reply(LanePacket(kind: .ack(ackID), namespace: socket.namespace, arguments: arguments), to: socket)
    }

    private mutating func send(_ name: String, _ arguments: [JSONValue], to socket: Socket) {
        reply(LanePacket(kind: .event(name: name, ackID: nil), namespace: socket.namespace, arguments: arguments), to: socket)
    }

    private mutating func broadcast(_ name: String, _ arguments: [JSONValue], to receivers: [Socket]) {
        broadcasts += 1
        for socket in receivers {
            reply(
                LanePacket(kind: .event(name: name, ackID: nil), namespace: socket.namespace, arguments: arguments), to: socket,
                broadcast: broadcasts)
        }
    }

    private mutating func reply(_ packet: LanePacket, to socket: Socket, broadcast: Int64? = nil) {
        outputs.append(Output(connection: socket.connection, packet: packet, broadcast: broadcast))
    }
}
