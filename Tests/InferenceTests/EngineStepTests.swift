import Kernels
import Testing

@testable import Inference

/// The steps of an engine one by one: what each of them computes for whom.
@Suite("Steps of the engine")
struct EngineStepTests {
    private let tiny: TinyEngine

    init() throws { tiny = try TinyEngine() }

    private func batch(rows: Int, chunk: Int) throws -> EngineBatch {
        let pool = try ComputePool(threadCount: 2)
        return EngineBatch(
            decoder: Decoder(
                weights: tiny.weights,
                shape: tiny.shape,
                pool: pool,
                rowsMax: rows
            ),
            tokenizer: tiny.tokenizer,
            limits: Engine.Limits(
                keyValueBytesMax: tiny.bytes(100_000),
                threadCount: 2,
                stepTokensMax: rows,
                chunkTokensMax: chunk
            )
        )
    }

    /// Samples that generate exactly `tokens` tokens each.
    private func samples(_ count: UInt64, tokens: Int) -> [CompletionRequest.Sample] {
        let free = GenerationPlan.FreeText(
            tokenCountMax: tokens,
            stops: [],
            otherwise: [],
            ignoresEnd: true
        )
        return (0..<count).map { number in
            CompletionRequest.Sample(
                prompt: 0,
                plan: GenerationPlan(free: free, choices: []),
                sampling: SamplingParameters(temperature: 1),
                random: CounterRandom(seed: 1, sample: number)
            )
        }
    }

    private func add(
        _ prompt: [[TokenID]],
        _ samples: [CompletionRequest.Sample],
        to batch: inout EngineBatch
    ) throws -> EngineJob {
        let request = CompletionRequest(prompts: [prompt], samples: samples)
        let job = EngineJob(
            request,
            ticket: CompletionTicket(),
            room: try batch.room(for: request),
            onCompletion: { _ in },
            finish: { _ in }
        )
        batch.add(job)
        return job
    }

    private func generated(_ job: EngineJob) -> [Int] { job.running.map(\.text.tokens.count) }

    @Test(
        "running samples get a token in every step while a long prompt is computed, chunk by chunk",
        arguments: [1, 16, 64]
    )
    func chunkedPrefill(chunk: Int) throws {
        var batch = try batch(rows: chunk + 8, chunk: chunk)
        let early = try add([tiny.prompt(3, seed: 1)], samples(6, tokens: 400), to: &batch)
        while early.running.count < 6 { _ = batch.step() }
        let late = try add(
            [tiny.prompt(100, seed: 2), tiny.prompt(163, seed: 3)],
            samples(2, tokens: 5),
            to: &batch
        )
        var left = 263
        while left > 0 {
            let (tokens, computed) = (generated(early), batch.statistics.promptTokensComputed)
            let isBusy = batch.step()
            #expect(isBusy)
            #expect(generated(early) == tokens.map { $0 + 1 })
            let fed = batch.statistics.promptTokensComputed - computed
            #expect(fed > 0 && fed <= chunk)
            left -= fed
        }
        #expect(late.prefilled != nil)
        #expect(generated(late) == [1, 1], "drawn in the step that completes the prompt")
    }

    @Test("a step never has more prompt tokens than a chunk, whatever is waiting")
    func bounds() throws {
        var random = TokenizerFixture.Numbers(seed: 51)
        for (rows, chunk) in [(2, 1), (9, 8), (40, 16), (200, 100)] {
            var batch = try batch(rows: rows, chunk: chunk)
            for number in UInt64(0)..<8 {
                let count = Int.random(in: 1...60, using: &random)
                let prompt = [tiny.prompt(20, seed: number % 2), tiny.prompt(count, seed: number)]
                _ = try add(prompt, samples(number + 1, tokens: 4), to: &batch)
            }
            var computed = 0
            while batch.step() {
                let now = batch.statistics.promptTokensComputed
                #expect(now - computed <= chunk, "\(rows) rows, chunk \(chunk)")
                computed = now
            }
        }
    }

    @Test("prompts of several requests advance in turn: none waits for another's end")
    func promptsInTurn() throws {
        var batch = try batch(rows: 20, chunk: 10)
        let jobs = try (0..<4).map { number in
            try add(
                [tiny.prompt(200, seed: UInt64(number))],
                samples(1, tokens: 1),
                to: &batch
            )
        }
        for _ in 0..<40 {
            _ = batch.step()
            let computed = jobs.map(\.promptTokensComputed)
            let spread = (computed.max() ?? 0) - (computed.min() ?? 0)
            #expect(spread <= 10, "\(computed)")
        }
        #expect(jobs.allSatisfy { $0.promptTokensComputed >= 90 })
    }

    @Test("a small request beside a large one gets the same share of the steps for its sample")
    func fairness() throws {
        // Nine of 33 samples go into a step: the turn goes on by one, so a sample is in nine steps
        // and then out of 24.
        var batch = try batch(rows: 9, chunk: 1)
        let large = try add([tiny.prompt(3, seed: 1)], samples(32, tokens: 200), to: &batch)
        while large.running.count < 32 { _ = batch.step() }
        let small = try add([tiny.prompt(3, seed: 2)], samples(1, tokens: 40), to: &batch)
        while small.running.isEmpty { _ = batch.step() }
        let before = generated(large)
        var steps = 0
        while !small.isDone, steps < 400 {
            _ = batch.step()
            steps += 1
        }
        #expect(small.isDone)
        #expect(steps <= 40 * 33 / 9 + 33, "\(steps) steps for 40 tokens of each of 33 samples")
        let gained = zip(generated(large), before).map { $0 - $1 }
        #expect((gained.max() ?? 0) - (gained.min() ?? 0) <= 9, "\(gained)")
        #expect(gained.allSatisfy { $0 >= 30 })
    }
}
