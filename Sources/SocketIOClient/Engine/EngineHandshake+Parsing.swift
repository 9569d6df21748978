import NIOCore
import SocketIOWire

extension EngineHandshake {
    /// Reads the payload of an open packet (Engine.IO protocol, handshake).
    init(openPacket payload: ByteBuffer) throws(EngineClientError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: payload)
        } catch {
            throw .malformed("the handshake is no JSON: \(ErrorBody.beginning(of: payload))")
        }
        guard case .object(let object) = value, case .string(let sid)? = object["sid"], !sid.isEmpty else {
            throw .malformed("the handshake has no sid: \(ErrorBody.beginning(of: payload))")
        }
        func milliseconds(_ name: String) throws(EngineClientError) -> Duration {
            // A bound of 30 days keeps sums of them in range; longer is for ever anyway.
            switch object[name] {
            case .integer(let number)? where number >= 0: return .milliseconds(min(number, 2_592_000_000))
            case .number(let number)? where number >= 0: return .milliseconds(min(number, 2_592_000_000))
            default: throw .malformed("the handshake has no \(name) in milliseconds")
            }
        }
        self.sid = sid
        pingInterval = try milliseconds("pingInterval")
        pingTimeout = try milliseconds("pingTimeout")
        upgrades = []
        if case .array(let names)? = object["upgrades"] {
            for case .string(let name) in names { upgrades.append(name) }
        }
        maxPayload = nil
        if case .integer(let bytes)? = object["maxPayload"], bytes > 0 { maxPayload = Int(bytes) }
    }
}
