import Inference
import Kernels
import Testing

@Suite("Heads, and a second model")
struct EngineModelTests {
    private static let scoreWeights = (0..<64).map { Float($0 % 5) / 2 - 1 }
    private static let probeWeights = (0..<64).map { Float($0 % 3) - 1 }

    private let tiny: TinyEngine
    private let prompt: [TokenID]

    init() throws {
        let width = try TinyEngine.shape().width
        tiny = try TinyEngine(
            heads: [
                "score.weight": Array(Self.scoreWeights.prefix(width)), "score.bias": [0.5],
                "probe.weight": Array(Self.probeWeights.prefix(width)),
            ]
        )
        prompt = tiny.prompt(21, seed: 5)
    }

    private func request(_ plans: [GenerationPlan], of prompt: [TokenID]) -> CompletionRequest {
        CompletionRequest(
            prompts: [[prompt]],
            samples: plans.enumerated().map { number, plan in
                CompletionRequest.Sample(
                    prompt: 0,
                    plan: plan,
                    sampling: SamplingParameters(temperature: 1),
                    random: CounterRandom(seed: 1, sample: UInt64(number))
                )
            }
        )
    }

    private func values(
        _ plans: [GenerationPlan],
        _ engine: Engine,
        place: Int = 0
    ) async throws -> [Float?] {
        let report = try await engine.complete(request(plans, of: prompt), on: place)
        return report.completions.map(\.readings.headValue)
    }

    /// What a head makes of the last of these tokens, from the decoder's own states.
    private func value(_ weights: [Float], _ bias: Float, at tokens: [TokenID]) throws -> Float {
        let decoder = Decoder(
            weights: tiny.weights,
            shape: tiny.shape,
            pool: try ComputePool(threadCount: 1)
        )
        let block = tiny.shape.makeBlock(tokens: tokens.count)
        let run = DecoderRun(tokens: tokens, position: 0, shared: [], block: block, place: 0)
        let hidden = decoder.forward([run]).copyRow(tokens.count - 1)
        return Float(zip(hidden, weights).reduce(Double(bias)) { $0 + Double($1.0 * $1.1) })
    }

    @Test("a version says which heads it brings")
    func heads() throws {
        #expect(try tiny.model().heads == [.score, .probe])
        #expect(try TinyEngine().model().heads == [])
    }

    @Test("each head reads the state of the last token: of the prompt, or of what was given")
    func readsLastState() async throws {
        let given = tiny.prompt(50, seed: 6)
        for tokens in [[], given] {
            let plans = [ScalarHead.Kind.score, .probe].map { kind in
                GenerationPlan(
                    given: tokens.isEmpty ? nil : .init(tokens: tokens, isRead: false),
                    head: kind
                )
            }
            let found = try await values(
                plans,
                tiny.engine(threads: 2, stepTokens: 40, chunkTokens: 16)
            )
            for (found, expected) in zip(
                found,
                [
                    try value(Self.scoreWeights, 0.5, at: prompt + tokens),
                    try value(Self.probeWeights, 0, at: prompt + tokens),
                ]
            ) {
                #expect(abs(try #require(found) - expected) < 1e-4)
            }
            #expect(found[0] != found[1])
        }
    }

    @Test("after a text was drawn, its head says what it says when the same text is given")
    func readsDrawnText() async throws {
        var plan = tiny.plan(12)
        plan.head = .probe
        let drawn = try await tiny.engine().complete(
            request(Array(repeating: plan, count: 6), of: prompt)
        )
        for completion in drawn.completions {
            let given = GenerationPlan(
                given: .init(tokens: completion.tokens, isRead: false),
                head: .probe
            )
            let found = try await values([given], tiny.engine())
            let own = try #require(completion.readings.headValue)
            #expect(abs(try #require(found[0]) - own) < 1e-4)
        }
        #expect(Set(drawn.completions.map(\.readings.headValue)).count > 1)
    }

    @Test("a head that gives no number ends its sample as broken, and no other")
    func brokenHead() async throws {
        let width = tiny.shape.width
        let broken = try TinyEngine(
            heads: ["score.weight": Array(repeating: .infinity, count: width)]
        )
        let plans = [GenerationPlan(head: .score), tiny.plan(5)]
        let report = try await broken.engine().complete(request(plans, of: prompt))
        #expect(report.completions.map(\.outcome) == [.badLogits, .finished])
        #expect(report.completions[0].readings.headValue == nil)
    }

    @Test("two models give beside each other what each gives alone, and share the counters")
    func secondModel() async throws {
        let other = try TinyEngine("f32")
        let both = try Engine(
            models: [try other.model(), try tiny.model()],
            limits: Engine.Limits(keyValueBytesMax: tiny.bytes(100_000), threadCount: 2)
        )
        let plans = (0..<6).map { tiny.plan(10 + $0) }
        let request = request(plans, of: prompt)
        let alone = [
            try await other.engine().complete(request), try await tiny.engine().complete(request),
        ]
        async let first = both.complete(request, on: 0)
        async let second = both.complete(request, on: 1)
        let found = try await [first, second]
        for (found, alone) in zip(found, alone) {
            #expect(found.completions.map(\.tokens) == alone.completions.map(\.tokens))
        }
        #expect(found[0].completions.map(\.tokens) != found[1].completions.map(\.tokens))
        let statistics = await both.statistics
        #expect(statistics.generatedTokens == found.reduce(0) { $0 + $1.generatedTokens })
        #expect(statistics.promptTokensComputed == 2 * prompt.count)
        let head = GenerationPlan(head: .score)
        #expect(try await values([head], both, place: 1)[0] != nil)
    }

    @Test("the second model has a quarter of the room for keys and values")
    func quarter() async throws {
        let limits = Engine.Limits(keyValueBytesMax: tiny.bytes(1200), threadCount: 1)
        let both = try Engine(models: [try tiny.model(), try tiny.model()], limits: limits)
        let given = tiny.prompt(400, seed: 8)
        let plan = GenerationPlan(given: .init(tokens: given, isRead: false), head: .score)
        #expect(try await values([plan], both)[0] != nil)
        let error = await #expect(throws: InferenceError.self) {
            try await values([plan], both, place: 1)
        }
        #expect(error?.code == .capacity)
        let short = GenerationPlan(given: .init(tokens: Array(given[..<200]), isRead: false))
        #expect(try await values([short], both, place: 1) == [nil])
    }
}
