import Foundation
import Inference
import Kernels
import Testing

@Suite("What the engine reads beside what it writes")
struct EngineReadingTests {
    private let tiny: TinyEngine
    private let prompt: [TokenID]

    init() throws {
        tiny = try TinyEngine()
        prompt = tiny.prompt(21, seed: 5)
    }

    private func request(_ plans: [GenerationPlan], seed: UInt64 = 1) -> CompletionRequest {
        CompletionRequest(
            prompts: [[prompt]],
            samples: plans.enumerated().map { number, plan in
                CompletionRequest.Sample(
                    prompt: 0,
                    plan: plan,
                    sampling: SamplingParameters(temperature: 1),
                    random: CounterRandom(seed: seed, sample: UInt64(number))
                )
            }
        )
    }

    private func given(_ tokens: [TokenID]) -> GenerationPlan {
        GenerationPlan(given: .init(tokens: tokens, isRead: true))
    }

    private func logProbability(_ tokens: [TokenID]) async throws -> Double {
        let report = try await tiny.engine().complete(request([given(tokens)]))
        return report.completions[0].readings.logProbability
    }

    @Test("the probability of a given text is the product of its tokens' in the decoder's logits")
    func likelihood() async throws {
        let text = tiny.prompt(70, seed: 6)
        let decoder = Decoder(
            weights: tiny.weights,
            shape: tiny.shape,
            pool: try ComputePool(threadCount: 1)
        )
        let tokens = prompt + text
        let block = tiny.shape.makeBlock(tokens: tokens.count)
        let run = DecoderRun(tokens: tokens, position: 0, shared: [], block: block, place: 0)
        let hidden = decoder.forward([run])
        let states = (0..<tokens.count).map { hidden.copyRow($0) }
        var expected = 0.0
        for (place, token) in text.enumerated() {
            let row = decoder.logits(of: [states[prompt.count + place - 1]]).copyRow(0)
            let total = row.reduce(0) { $0 + exp(Double($1)) }
            expected += Double(row[Int(token.rawValue)]) - log(total)
        }
        let found = try await logProbability(text)
        // Each of 70 sums of exponentials is off by a few units of f32.
        #expect(abs(found - expected) < 70 * 8 * Double(Float.ulpOfOne))
        #expect(found < -70)
    }

    @Test("given text is not among what a sample wrote, and what follows it goes on from there")
    func givenThenFree() async throws {
        let text = tiny.prompt(40, seed: 7)
        var plan = tiny.plan(12)
        let direct = try await tiny.engine().complete(
            CompletionRequest(
                prompts: [[prompt, text]],
                samples: request([plan]).samples.map {
                    var sample = $0
                    sample.sampling.temperature = 0
                    return sample
                }
            )
        )
        for isRead in [false, true] {
            plan.given = .init(tokens: text, isRead: isRead)
            var samples = request([plan]).samples
            samples[0].sampling.temperature = 0
            let report = try await tiny.engine(stepTokens: 40, chunkTokens: 16).complete(
                CompletionRequest(prompts: [[prompt]], samples: samples)
            )
            #expect(report.completions[0].tokens == direct.completions[0].tokens)
            #expect(report.completions[0].text == direct.completions[0].text)
            #expect(report.completions[0].isTruncated == direct.completions[0].isTruncated)
        }
    }

    /// Sequences with a common beginning, one of which is the beginning of another but for its end.
    private var scores: [[TokenID]] {
        (1...12).map { tiny.tokenizer.encode("[\($0)]") }
    }

    @Test("the weights of a choice are the model's, at every place where it can turn")
    func weights() async throws {
        let plan = GenerationPlan(choices: [scores], weighsChoices: true)
        let report = try await tiny.engine().complete(request([plan]))
        let weights = try #require(report.completions[0].readings.choiceWeights.first)
        #expect(weights.count == 12)
        #expect(abs(weights.reduce(0, +) - 1) < 1e-12)
        for (sequence, weight) in zip(scores, weights) {
            var expected = 1.0
            for position in sequence.indices {
                let path = Array(sequence[..<position])
                let next = Set(
                    scores.filter { $0.starts(with: path) && $0.count > position }
                        .map { $0[position] }
                ).sorted()
                guard next.count > 1 else { continue }
                var shares: [TokenID: Double] = [:]
                for token in next { shares[token] = exp(try await logProbability(path + [token])) }
                let base = try await path.isEmpty ? 1 : exp(logProbability(path))
                let total = shares.values.reduce(0) { $0 + $1 / base }
                expected *= try #require(shares[sequence[position]]) / base / total
            }
            #expect(abs(weight - expected) < 1e-5, "\(sequence.map(\.rawValue))")
        }
        #expect(try #require(weights.max()) > 1.2 / 12)
    }

    @Test("weighing changes nothing in what is drawn, whatever runs beside it")
    func weighingIsQuiet() async throws {
        var plans: [GenerationPlan] = []
        for number in 0..<12 {
            var plan = tiny.plan(3 + number % 5)
            plan.choices = [scores, scores]
            plans.append(plan)
        }
        let plain = try await tiny.engine().complete(request(plans))
        let weighed = plans.map {
            var plan = $0
            plan.weighsChoices = true
            return plan
        }
        let engine = try tiny.engine(threads: 2)
        let found = try await engine.complete(request(weighed))
        #expect(found.completions.map(\.tokens) == plain.completions.map(\.tokens))
        for (number, completion) in found.completions.enumerated() {
            #expect(completion.readings.choiceWeights.count == 2)
            let alone = try await tiny.engine().complete(
                CompletionRequest(
                    prompts: [[prompt]],
                    samples: [request(weighed).samples[number]]
                )
            )
            #expect(alone.completions[0].readings == completion.readings)
        }
    }

    @Test("a free text that ends before its first token leaves the choice its state")
    func emptyFreeText() async throws {
        // The end token is likely soon somewhere among many samples.
        let free = GenerationPlan.FreeText(tokenCountMax: 400, stops: [], otherwise: [])
        let plan = GenerationPlan(free: free, choices: [scores])
        let report = try await tiny.engine().complete(
            request(Array(repeating: plan, count: 24))
        )
        #expect(report.completions.allSatisfy { $0.outcome == .finished })
        let lengths = report.completions.map(\.tokens.count)
        #expect((lengths.min() ?? 0) < 400)
    }

    @Test("a hurried request ends with what it has, every text whole")
    func hurry() async throws {
        let engine = try tiny.engine(bytes: tiny.bytes(21, 3 * tiny.plan(300).tokenCountMax))
        let early = CompletionTicket()
        early.hurry()
        let none = try await engine.complete(request([tiny.plan(300)]), ticket: early)
        #expect(none.completions.isEmpty)
        let wanted = CompletionTicket(leastSamples: 1)
        wanted.hurry()
        let two = [tiny.plan(300), tiny.plan(300)]
        let one = try await engine.complete(request(two), ticket: wanted)
        #expect(one.completions.map(\.sample) == [0])
        #expect(one.completions.allSatisfy { $0.isTruncated && $0.tokens.count < 300 })
        let plan = GenerationPlan(
            free: .init(
                tokenCountMax: 300,
                stops: [],
                otherwise: tiny.tokenizer.encode("!"),
                ignoresEnd: true
            ),
            choices: [scores]
        )
        let ticket = CompletionTicket()
        let six = request(Array(repeating: plan, count: 6))
        async let report = engine.complete(six, ticket: ticket)
        while await engine.statistics.samplesRunning == 0 { await Task.yield() }
        ticket.hurry()
        let hurried = try await report
        #expect((1...3).contains(hurried.completions.count))
        for completion in hurried.completions {
            #expect(completion.isTruncated && completion.tokens.count < 300)
            #expect(completion.text.hasSuffix("]") && completion.text.contains("!["))
        }
        #expect(await engine.statistics.samplesRunning == 0)
    }
}
