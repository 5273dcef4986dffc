import Foundation
import Inference
import Testing

@Suite("Laws of the engine")
struct EngineLawTests {
    /// Requests of several prompts, lengths and temperatures; `cut` says where prompts are cut.
    private func requests(
        _ tiny: TinyEngine,
        cut: (Int) -> [Int] = { [$0] }
    ) -> [CompletionRequest] {
        (0..<6).map { number in
            var prompts: [[[TokenID]]] = []
            var samples: [CompletionRequest.Sample] = []
            for prompt in 0...(number % 3) {
                let beginning = tiny.prompt(17, seed: UInt64(number % 2))
                let tokens = beginning + tiny.prompt(3 + 9 * prompt, seed: UInt64(number + prompt))
                prompts.append(split(tokens, into: cut(tokens.count)))
                samples += tiny.samples(
                    0..<UInt64(1 + number),
                    prompt: prompt,
                    seed: UInt64(100 * number + prompt),
                    tokenCountMax: 5 + 4 * number,
                    temperature: number == 3 ? 0 : 1
                )
            }
            if number == 5 { for index in samples.indices { samples[index].sampling.topP = 0.8 } }
            return CompletionRequest(prompts: prompts, samples: samples)
        }
    }

    private func split(_ tokens: [TokenID], into counts: [Int]) -> [[TokenID]] {
        var rest = tokens[...]
        return counts.map { count in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
    }

    private func tokens(_ report: CompletionReport) -> [[TokenID]] {
        report.completions.map(\.tokens)
    }

    /// What each request gives when each of its samples is alone in a fresh engine.
    private func alone(_ tiny: TinyEngine) async throws -> [[[TokenID]]] {
        var results: [[[TokenID]]] = []
        for request in requests(tiny) {
            var result: [[TokenID]] = []
            for sample in request.samples {
                let single = CompletionRequest(prompts: request.prompts, samples: [sample])
                result += tokens(try await tiny.engine().complete(single))
            }
            results.append(result)
        }
        return results
    }

    @Test(
        "a sample's tokens do not depend on load, cuts, chunks, threads or order",
        arguments: ["f32", "bf16", "q8_0", "q4_0", "q4_1"]
    )
    func batchInvariance(format: String) async throws {
        let tiny = try TinyEngine(format)
        let expected = try await alone(tiny)
        #expect(Set(expected.flatMap { $0 }).count > 20)
        var random = TokenizerFixture.Numbers(seed: 21)
        for round in 0..<5 {
            let chunk = [1, 3, 16, 64].randomElement(using: &random) ?? 1
            let engine = try tiny.engine(
                bytes: round % 3 == 0 ? tiny.bytes(300) : nil,
                threads: 1 + round % 3,
                stepTokens: chunk + Int.random(in: 1...40, using: &random),
                chunkTokens: chunk
            )
            let cutSeed = random.next()
            let some = requests(tiny) { count in
                var cuts = TokenizerFixture.Numbers(seed: cutSeed)
                let first = Int.random(in: 1..<count, using: &cuts)
                return [first, count - first]
            }
            let order = some.indices.shuffled(using: &random)
            let found = try await run(some, order, on: engine)
            for index in some.indices {
                #expect(
                    found[index] == expected[index],
                    "\(format) round \(round) request \(index)"
                )
            }
        }
    }

    /// Runs all requests at once, begun in some order.
    private func run(
        _ requests: [CompletionRequest],
        _ order: [Int],
        on engine: Engine
    ) async throws -> [Int: [[TokenID]]] {
        try await withThrowingTaskGroup(of: (Int, [[TokenID]]).self) { group in
            for index in order {
                let request = requests[index]
                group.addTask {
                    (index, try await engine.complete(request).completions.map(\.tokens))
                }
                await Task.yield()
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    @Test("a prompt that begins like a kept one gives what a fresh one gives")
    func fork() async throws {
        let tiny = try TinyEngine()
        let (beginning, one, two) = (
            tiny.prompt(30, seed: 1), tiny.prompt(8, seed: 2), tiny.prompt(9, seed: 3)
        )
        let samples = tiny.samples(0..<4)
        let fresh = try await tiny.engine().complete(
            CompletionRequest(prompts: [[beginning + two]], samples: samples)
        )
        let engine = try tiny.engine()
        _ = try await engine.complete(
            CompletionRequest(prompts: [[beginning, one]], samples: samples)
        )
        let forked = try await engine.complete(
            CompletionRequest(prompts: [[beginning, two]], samples: samples)
        )
        #expect(tokens(forked) == tokens(fresh))
        #expect(forked.promptTokens == 39)
        #expect(forked.promptTokensComputed == 9)
        let again = try await engine.complete(
            CompletionRequest(prompts: [[beginning, two]], samples: samples)
        )
        #expect(tokens(again) == tokens(fresh))
        #expect(again.promptTokensComputed == 0)
    }

    @Test("drawing k samples and then 2k shares the first k")
    func prefixOfSamples() async throws {
        let tiny = try TinyEngine()
        let prompts = [[tiny.prompt(12, seed: 4)]]
        let engine = try tiny.engine()
        let few = try await engine.complete(
            CompletionRequest(prompts: prompts, samples: tiny.samples(0..<5))
        )
        let many = try await engine.complete(
            CompletionRequest(prompts: prompts, samples: tiny.samples(0..<10))
        )
        #expect(tokens(few) == Array(tokens(many).prefix(5)))
        #expect(Set(tokens(many)).count > 5)
        let other = try await engine.complete(
            CompletionRequest(prompts: prompts, samples: tiny.samples(0..<5, seed: 2))
        )
        #expect(tokens(other) != tokens(few))
    }

    @Test("every completion follows its plan, and the report counts what was made")
    func report() async throws {
        let tiny = try TinyEngine()
        let request = CompletionRequest(
            prompts: [[tiny.prompt(12, seed: 4)], [tiny.prompt(7, seed: 5)]],
            samples: tiny.samples(0..<6) + tiny.samples(0..<6, prompt: 1, tokenCountMax: 3)
        )
        let engine = try tiny.engine()
        let report = try await engine.complete(request)
        #expect(report.completions.map(\.sample) == Array(0..<12))
        #expect(report.promptTokens == 19 && report.promptTokensComputed == 19)
        #expect(report.generatedTokens == report.completions.reduce(0) { $0 + $1.tokens.count })
        for completion in report.completions {
            #expect(completion.outcome == .finished)
            #expect(["[1]", "[2]", "[3]"].contains(String(completion.text.suffix(3))))
            #expect(completion.text == tiny.tokenizer.decode(completion.tokens))
            #expect(!completion.tokens.contains { tiny.tokenizer.isControl($0) })
        }
        #expect(report.completions.contains { $0.isTruncated })
        let statistics = await engine.statistics
        #expect(statistics.generatedTokens == report.generatedTokens)
        #expect(statistics.promptTokensComputed == 19)
        #expect(statistics.samplesRunning == 0 && statistics.samplesWaiting == 0)
    }

    @Test("a plan that forces everything ends, from a fresh prompt and from a kept one")
    func forcedOnly() async throws {
        let tiny = try TinyEngine()
        let engine = try tiny.engine()
        let plans = [
            GenerationPlan(free: nil, choices: [[tiny.tokenizer.encode("yes")]]),
            GenerationPlan(free: nil, choices: []),
        ]
        let samples = plans.map { plan in
            CompletionRequest.Sample(
                prompt: 0,
                plan: plan,
                sampling: SamplingParameters(temperature: 1),
                random: CounterRandom(seed: 1, sample: 0)
            )
        }
        for _ in 0..<2 {
            let report = try await engine.complete(
                CompletionRequest(prompts: [[tiny.prompt(5, seed: 1)]], samples: samples)
            )
            #expect(report.completions.map(\.outcome) == [.finished, .finished])
            #expect(report.completions.map(\.text) == ["yes", ""])
        }
        #expect(await engine.statistics.badLogits == 0)
    }

    @Test("logits that are not finite end their samples with that outcome, and no other")
    func badLogits() async throws {
        // The file ends with the gains of the last norm: 64 floats.
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: TinyEngine.path("f32"))))
        let huge = Float(3e38).bitPattern
        for place in 0..<64 {
            for byte in 0..<4 {
                bytes[bytes.count - 256 + 4 * place + byte] = UInt8(
                    truncatingIfNeeded: huge >> (8 * UInt32(byte))
                )
            }
        }
        let tiny = try TinyEngine("f32", bytes: bytes)
        let engine = try tiny.engine()
        let report = try await engine.complete(
            CompletionRequest(prompts: [[tiny.prompt(5, seed: 1)]], samples: tiny.samples(0..<3))
        )
        #expect(report.completions.map(\.outcome) == [.badLogits, .badLogits, .badLogits])
        #expect(report.completions.allSatisfy { $0.tokens.isEmpty })
        #expect(await engine.statistics.badLogits == 3)
    }
}
