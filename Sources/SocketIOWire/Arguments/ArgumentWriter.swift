internal import NIOCore

/// Puts values together to the arguments of an event or an acknowledgement.
///
/// ```swift
/// var writer = ArgumentWriter()
/// try writer.append("kitchen")
/// try writer.append(Photo(name: "cat", bytes: data))
/// let arguments = writer.arguments
/// ```
///
/// `Data`, `ByteBuffer` and `[UInt8]` become attachments wherever they stand in a value; dates are ISO 8601 with milliseconds, `UUID` and
/// `URL` strings, NaN and the infinities null; everything else is what its `Encodable` makes of it.
public struct ArgumentWriter {
    private var text = ByteBuffer()
    private var attachments: [ByteBuffer] = []

    public init() {}

    /// Adds a value as the next argument.
    ///
    /// - Throws: ``ArgumentError`` if the value's own `encode(to:)` throws. Nothing is added then.
    public mutating func append<T: Encodable>(_ value: T) throws(ArgumentError) {
        let start = text.writerIndex
        let attachmentCount = attachments.count
        if start > 0 { text.writeInteger(UInt8(ascii: ",")) }
        if FastArgument.write(value, into: &text, attachments: &attachments) { return }
        // the sink alone holds the buffers meanwhile, so that they are written in place
        let sink = ArgumentSink(text: text, attachments: attachments)
        text = ByteBuffer()
        attachments = []
        do {
            try sink.encode(value)
            (text, attachments) = sink.finish()
        } catch {
            (text, attachments) = (sink.text, sink.finish().attachments)
            text.moveWriterIndex(to: start)
            attachments.removeLast(attachments.count - attachmentCount)
            throw .invalid(path: "$", reason: ArgumentWriter.reason(error))
        }
    }

    /// Adds arguments that are bytes already, without decoding them unless attachments must be numbered anew.
    public mutating func append(contentsOf arguments: JSONArguments) {
        guard !arguments.isEmpty else { return }
        if text.writerIndex > 0 { text.writeInteger(UInt8(ascii: ",")) }
        if arguments.attachments.isEmpty || attachments.isEmpty {
            text.writeImmutableBuffer(arguments.json)
            attachments.append(contentsOf: arguments.attachments)
        } else {
            for (index, value) in arguments.values().enumerated() {
                if index > 0 { text.writeInteger(UInt8(ascii: ",")) }
                value.write(into: &text, attachments: &attachments)
            }
        }
    }

    /// What was written so far.
    public var arguments: JSONArguments { JSONArguments(uncheckedJSON: text, attachments: attachments) }

    private static func reason(_ error: any Error) -> String {
        if case EncodingError.invalidValue(_, let context) = error { return context.debugDescription }
        return "\(error)"
    }
}
