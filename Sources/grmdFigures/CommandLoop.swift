import Foundation
import Inference

/// Reads a command a line and answers each with a line, until the input ends.
///
/// The engine stays between commands, so that a measurement can go back and forth between engines
/// without a start in between.
struct CommandLoop {
    let model: FiguresModel
    let threadCount: Int
    private let clock = ContinuousClock()

    init(_ model: FiguresModel, threadCount: Int) {
        self.model = model
        self.threadCount = threadCount
    }

    /// Says what the model is, then answers commands.
    ///
    /// - Throws: `FiguresError` of code `output`; what else goes wrong is an answer.
    func run() async throws {
        try write(FiguresReply(model: model.description))
        while let line = readLine() {
            var reply = FiguresReply()
            let start = clock.now
            do {
                reply = try await answer(command(in: line))
            } catch {
                reply.error = "\(error)"
            }
            reply.seconds = (clock.now - start) / .seconds(1)
            try write(reply)
        }
    }

    private func command(in line: String) throws -> FiguresCommand {
        do {
            return try JSONDecoder().decode(FiguresCommand.self, from: Data(line.utf8))
        } catch {
            throw FiguresError(
                .invalidCommand,
                subject: "a line of the input",
                expected: "a command as JSON",
                found: "\(error)"
            )
        }
    }

    private func answer(_ command: FiguresCommand) async throws -> FiguresReply {
        var reply = FiguresReply()
        switch command {
        case .encode(let conversations):
            reply.tokens = conversations.map { model.tokens(of: $0).map(\.rawValue) }
        case .complete(let work):
            reply.requests = try await complete(work)
        case .logits(let prompts, let file):
            try checkTokens(of: prompts)
            try FinalLogits(model, threadCount: threadCount).write(after: prompts, to: file)
        case .statistics:
            let found = await model.engine.statistics
            reply.counters = FiguresReply.Counters(
                steps: found.steps,
                promptTokensComputed: found.promptTokensComputed,
                generatedTokens: found.generatedTokens,
                keyValueBytes: found.keyValueBytes
            )
        }
        return reply
    }

    private func complete(_ work: FiguresCommand.Completions) async throws -> [FiguresReply.Request]
    {
        guard work.samples > 0, work.tokens > 0, !work.requests.isEmpty else {
            throw invalid("samples, tokens and requests", "at least one of each")
        }
        try checkTokens(of: work.requests.flatMap(\.self))
        let engine = model.engine
        return try await withThrowingTaskGroup(of: (Int, CompletionReport).self) { group in
            for (index, segments) in work.requests.enumerated() {
                let request = request(segments, work)
                group.addTask { (index, try await engine.complete(request)) }
            }
            var reports: [Int: CompletionReport] = [:]
            for try await (index, report) in group { reports[index] = report }
            return reports.sorted { $0.key < $1.key }.map { FiguresReply.Request($0.value) }
        }
    }

    /// Samples of free text that neither a stop nor the end token cuts short.
    private func request(
        _ segments: [[UInt32]],
        _ work: FiguresCommand.Completions
    ) -> CompletionRequest {
        let plan = GenerationPlan(
            free: .init(
                tokenCountMax: work.tokens,
                stops: [],
                otherwise: [],
                ignoresEnd: true
            ),
            choices: []
        )
        let samples = (0..<work.samples).map { index in
            CompletionRequest.Sample(
                prompt: 0,
                plan: plan,
                sampling: SamplingParameters(temperature: work.temperature),
                random: CounterRandom(seed: work.seed, sample: UInt64(index))
            )
        }
        return CompletionRequest(prompts: [segments.map { $0.map(TokenID.init) }], samples: samples)
    }

    /// The engine takes lists that are not empty and ids of its vocabulary.
    private func checkTokens(of lists: [[UInt32]]) throws(FiguresError) {
        let count = UInt32(model.shape.vocabularyCount)
        guard lists.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0 < count } }) else {
            throw invalid("token ids", "lists that are not empty, of ids below \(count)")
        }
    }

    private func invalid(_ subject: String, _ expected: String) -> FiguresError {
        FiguresError(.invalidCommand, subject: subject, expected: expected, found: "others")
    }

    private func write(_ reply: FiguresReply) throws(FiguresError) {
        do {
            let line = try JSONEncoder().encode(reply) + Data("\n".utf8)
            try FileHandle.standardOutput.write(contentsOf: line)
        } catch {
            throw FiguresError(
                .output,
                subject: "the standard output",
                expected: "that it takes a line",
                found: "\(error)"
            )
        }
    }
}
