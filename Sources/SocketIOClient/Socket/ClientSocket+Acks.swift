import NIOConcurrencyHelpers
import NIOCore
public import SocketIOWire

extension ClientSocket {
    /// Sends an event and waits for the server's answer, of which the first argument is taken.
    ///
    /// - Throws: ``AckError``.
    public func emitWithAck<each Argument: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ event: String, _ argument: repeat each Argument, timeout: Duration = .seconds(10), as type: Answer.Type = Answer.self
    ) async throws(AckError) -> Answer {
        let arguments: JSONArguments
        do throws(ArgumentError) {
            arguments = try Self.encode(repeat each argument)
        } catch {
            throw .notSent("\(error)")
        }
        var reader = ArgumentReader(try await emitWithAck(event, arguments: arguments, timeout: timeout))
        do throws(ArgumentError) {
            return try reader.next(type)
        } catch {
            throw .unexpectedAnswer("\(error)")
        }
    }

    /// Sends an event whose arguments are bytes already, and waits for all that the server answers.
    ///
    /// - Throws: ``AckError``.
    public func emitWithAck(
        _ event: String, arguments: JSONArguments, timeout: Duration = .seconds(10)
    ) async throws(AckError) -> JSONArguments {
        let wait = AckWait()
        let result: Result<JSONArguments, AckError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait.begin(continuation)
                do throws(SocketIOClientError) {
                    guard let id = try send(event, arguments, completion: { wait.end($0) }) else { return }
                    let timer = client.eventLoop.scheduleTask(in: TimeAmount(timeout)) { self.settleAck(id, .failure(.timedOut)) }
                    wait.whenEnded { timer.cancel() }
                    wait.whenCancelled { self.settleAck(id, .failure(.cancelled)) }
                } catch {
                    wait.end(.failure(.notSent("\(error)")))
                }
            }
        } onCancel: {
            wait.cancel()
        }
        return try result.get()
    }
}

/// One waiting task: it goes on with what comes first, an answer, the timeout, the end of the socket or its own cancellation.
private final class AckWait: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Result<JSONArguments, ClientSocket.AckError>, Never>?
        var isEnded = false
        var isCancelled = false
        var atEnd: (@Sendable () -> Void)?
        var atCancel: (@Sendable () -> Void)?
    }

    private let state = NIOLockedValueBox(State())

    func begin(_ continuation: CheckedContinuation<Result<JSONArguments, ClientSocket.AckError>, Never>) {
        state.withLockedValue { $0.continuation = continuation }
    }

    func end(_ result: Result<JSONArguments, ClientSocket.AckError>) {
        let (continuation, atEnd) = state.withLockedValue { state in
            state.isEnded = true
            state.atCancel = nil
            defer { state.atEnd = nil }
            return (state.continuation.take(), state.atEnd)
        }
        atEnd?()
        continuation?.resume(returning: result)
    }

    func cancel() {
        let atCancel = state.withLockedValue { state in
            state.isCancelled = true
            return state.atCancel.take()
        }
        atCancel?()
    }

    func whenEnded(_ work: @escaping @Sendable () -> Void) {
        let isEnded = state.withLockedValue { state in
            if !state.isEnded { state.atEnd = work }
            return state.isEnded
        }
        if isEnded { work() }
    }

    func whenCancelled(_ work: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLockedValue { state in
            if !state.isCancelled, !state.isEnded { state.atCancel = work }
            return state.isCancelled
        }
        if isCancelled { work() }
    }
}
