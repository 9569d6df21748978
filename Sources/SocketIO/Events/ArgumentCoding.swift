import SocketIOWire

/// Between typed parameter lists and arguments as bytes.
enum ArgumentCoding {
    static func encode<each Value: Encodable>(_ value: repeat each Value) throws -> JSONArguments {
        var writer = ArgumentWriter()
        repeat (try writer.append(each value))
        return writer.arguments
    }

    /// Whether any of these parameters is an ack. Asked once per handler, not per event.
    static func takesAck<each Value>(_ type: repeat (each Value).Type) -> Bool {
        var takes = false
        repeat (takes = takes || (each type) is any AckArgument.Type)
        return takes
    }

    /// Reads an event's arguments as the types that a handler names.
    static func decode<each Value: Decodable & Sendable>(
        _ event: IncomingEvent, as type: repeat (each Value).Type, takesAck: Bool
    ) throws -> (repeat each Value) {
        var reader = ArgumentReader(event.arguments)
        var index = 0
        func next<T: Decodable>(_: T.Type) throws -> T {
            if takesAck, let ack = T.self as? any AckArgument.Type, let made = ack.make(event.reply) as? T { return made }
            do {
                let value = try reader.next(T.self)
                index += 1
                return value
            } catch {
                throw SocketIOError.argument(event: event.name, index: index, error)
            }
        }
        return (repeat try next(each type))
    }

    /// Reads the first argument of an answer.
    static func decodeAnswer<Value: Decodable>(_ arguments: JSONArguments, as type: Value.Type) -> Result<Value, AckError> {
        var reader = ArgumentReader(arguments)
        do {
            return .success(try reader.next(type))
        } catch {
            return .failure(.unexpectedAnswer("\(error)"))
        }
    }
}
