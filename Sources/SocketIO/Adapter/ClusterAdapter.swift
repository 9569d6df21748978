public import Logging
import NIOConcurrencyHelpers
import NIOCore
import SocketIOWire

/// A cluster over a ``ClusterBus``: each server says that it is there, carries out what others ask, and answers.
///
/// ```swift
/// options.adapter = ClusterAdapter(bus: RedisBus(…))
/// ```
public final class ClusterAdapter: Adapter {
    /// Times and bounds of a cluster.
    public struct Options: Sendable {
        /// How often a server says that it is there.
        public var heartbeatInterval: Duration = .seconds(5)
        /// How long a server that says nothing is still waited for.
        public var heartbeatTimeout: Duration = .seconds(10)
        /// Requests that wait for the bus; further ones are dropped, with an error in the log.
        public var maxWaitingRequests = 10_000

        public init() {}
    }

    private typealias Receive = @Sendable (ClusterRequest) async -> JSONValue?

    private struct Question {
        var open: Set<String>
        var answers: [String: JSONValue] = [:]
        let continuation: CheckedContinuation<ClusterAnswers, Never>
    }

    private struct State {
        var receive: Receive?
        /// When each of the others was heard last.
        var others: [String: ContinuousClock.Instant] = [:]
        var questions: [Int64: Question] = [:]
        var questionNumber: Int64 = 0
        var tasks: [Task<Void, Never>] = []
    }

    /// This server's name among the others.
    public let serverID = RandomID.make()
    private let bus: any ClusterBus
    private let options: Options
    private let logger: Logger
    private let state = NIOLockedValueBox(State())
    private let outgoing: AsyncStream<JSONObject>
    private let outgoingEnd: AsyncStream<JSONObject>.Continuation
    private let incoming: AsyncStream<ByteBuffer>
    private let incomingEnd: AsyncStream<ByteBuffer>.Continuation

    public init(bus: any ClusterBus, options: Options = Options(), logger: Logger = Logger(label: "socket.io.cluster")) {
        self.bus = bus
        self.options = options
        self.logger = logger
        (outgoing, outgoingEnd) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(options.maxWaitingRequests))
        (incoming, incomingEnd) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(options.maxWaitingRequests))
    }

    public var serverCount: Int { alive.count + 1 }

    /// The others that were heard lately.
    private var alive: Set<String> {
        let oldest = ContinuousClock.now - options.heartbeatTimeout
        return state.withLockedValue { state in
            state.others = state.others.filter { $0.value > oldest }
            return Set(state.others.keys)
        }
    }

    public func start(_ receive: @escaping @Sendable (ClusterRequest) async -> JSONValue?) {
        let tasks = [Task { await self.listen() }, Task { await self.speak() }, Task { await self.beat() }]
        state.withLockedValue { state in
            state.receive = receive
            state.tasks = tasks
        }
    }

    public func publish(_ request: ClusterRequest) { send(request.message) }

    public func ask(_ request: ClusterRequest, timeout: Duration) async -> ClusterAnswers {
        let asked = alive
        guard !asked.isEmpty else { return ClusterAnswers() }
        let number = state.withLockedValue { state in
            state.questionNumber += 1
            return state.questionNumber
        }
        let timer = Task {
            try? await Task.sleep(for: timeout)
            self.settle(number, isOver: true)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            state.withLockedValue { $0.questions[number] = Question(open: asked, continuation: continuation) }
            var message = request.message
            message["question"] = .integer(number)
            send(message)
        }
    }

    public func close() async {
        let (tasks, open) = state.withLockedValue { state in
            defer { state.tasks = [] }
            return (state.tasks, Array(state.questions.keys))
        }
        for number in open { settle(number, isOver: true) }
        send(["kind": "bye"])
        outgoingEnd.finish()
        incomingEnd.finish()
        // What was published still leaves.
        if tasks.count > 1 { await tasks[1].value }
        for task in tasks { task.cancel() }
    }

    // MARK: To the bus

    private func send(_ message: JSONObject) {
        var message = message
        message["from"] = .string(serverID)
        if case .dropped = outgoingEnd.yield(message) {
            logger.error(
                "A request to the other servers was dropped: the bus is too slow", metadata: ["limit": "\(options.maxWaitingRequests)"])
        }
    }

    private func speak() async {
        for await message in outgoing {
            do {
                try await bus.publish(ClusterMessage.encode(message))
            } catch {
                logger.error("A request did not reach the other servers", metadata: ["error": "\(error)"])
            }
        }
    }

    private func beat() async {
        send(["kind": "hello"])
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: options.heartbeatInterval)) != nil else { return }
            send(["kind": "heartbeat"])
        }
    }

    // MARK: From the bus

    private func listen() async {
        do {
            try await bus.subscribe { [incomingEnd, logger] message in
                if case .dropped = incomingEnd.yield(message) { logger.error("A request of another server was dropped: too many wait") }
            }
        } catch {
            return logger.error("This server hears nothing of the others", metadata: ["error": "\(error)"])
        }
        for await bytes in incoming {
            guard let message = ClusterMessage.decode(bytes), let from = message["from"]?.stringValue, from != serverID else { continue }
            await receive(message, from: from)
        }
    }

    private func receive(_ message: JSONObject, from: String) async {
        let kind = message["kind"]?.stringValue ?? ""
        let isNew = state.withLockedValue { $0.others.updateValue(.now, forKey: from) == nil }
        switch kind {
        case "hello":
            send(["kind": "heartbeat"])
        case "heartbeat":
            if isNew { send(["kind": "heartbeat"]) }
        case "bye":
            state.withLockedValue { $0.others[from] = nil }
            for number in state.withLockedValue({ Array($0.questions.keys) }) { settle(number, answered: from, nil) }
        case "answer":
            guard message["to"]?.stringValue == serverID, let number = message["question"]?.integerValue else { return }
            settle(number, answered: from, message["answer"])
        default:
            guard let request = ClusterRequest(message), let receive = state.withLockedValue({ $0.receive }) else { return }
            guard let question = message["question"] else {
                _ = await receive(request)
                return
            }
            // An answer may take its time; what comes after it does not wait.
            Task {
                let answer = await receive(request)
                self.send(["kind": "answer", "to": .string(from), "question": question, "answer": answer ?? .null])
            }
        }
    }

    private func settle(_ number: Int64, answered server: String? = nil, _ answer: JSONValue? = nil, isOver: Bool = false) {
        let done = state.withLockedValue { state -> Question? in
            guard var question = state.questions[number] else { return nil }
            if let server, question.open.remove(server) != nil, let answer { question.answers[server] = answer }
            guard isOver || question.open.isEmpty else {
                state.questions[number] = question
                return nil
            }
            state.questions[number] = nil
            return question
        }
        done?.continuation.resume(returning: ClusterAnswers(answers: done?.answers ?? [:], missing: done?.open.sorted() ?? []))
    }
}

extension ClusterRequest {
    /// As it travels.
    var message: JSONObject { ["kind": .string(kind.rawValue), "nsp": .string(namespace), "body": .object(body)] }

    init?(_ message: JSONObject) {
        guard let kind = message["kind"]?.stringValue.flatMap(Kind.init(rawValue:)), let namespace = message["nsp"]?.stringValue,
            let body = message["body"]?.objectValue
        else { return nil }
        self.init(kind, namespace: namespace, body: body)
    }
}
