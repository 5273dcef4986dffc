import Inference
import Kernels
import Testing

/// The tiny models in every format against transformers, value by value.
@Suite("tiny models against the reference")
struct TinyGoldenTests {
    static let formats = [
        "f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "qwen2", "qwen2-f32",
    ]

    /// The fixture of a name and its model; a name that ends in "-f32" is that of a file that is widened.
    private func open(_ format: String) throws -> (fixture: Fixture, model: GoldenModel) {
        let fixture = try Fixture("tiny-\(format)")
        let isWidened = format.hasSuffix("-f32")
        let path = Fixture.path("tiny-\(isWidened ? String(format.dropLast(4)) : format).gguf")
        return (fixture, try GoldenModel(importing: path, format: isWidened ? .f32 : nil))
    }

    @Test("text becomes the same tokens", arguments: formats)
    func tokens(format: String) throws {
        let (fixture, model) = try open(format)
        let prompts = try fixture.strings("prompts")
        let expected = try fixture.lists("prompts.tokens")
        try #require(prompts.count == expected.count && !prompts.isEmpty)
        for (prompt, tokens) in zip(prompts, expected) {
            #expect(model.tokenizer.encode(prompt).map(\.rawValue) == tokens, "\(prompt)")
        }
        print("golden \(format) tokens of \(prompts.count) strings equal")
    }

    @Test("hidden states of every block are within the tolerance", arguments: formats)
    func hiddenStates(format: String) throws {
        let (fixture, model) = try open(format)
        let sequence = try #require(fixture.lists("sequences").last)
        let allowed = try fixture.floats("tolerance.hidden")
        let found = model.hiddenStates(of: sequence)
        let layers = (0..<model.shape.layerCount).map { "layer.\($0)" }
        let names = ["embed"] + layers + ["norm"]
        try #require(names.count == allowed.count)
        for (name, allowed) in zip(names, allowed) {
            var difference = Difference("hidden.\(name)", allowed: allowed)
            difference.compare(
                found[name]?.flatMap { $0 } ?? [],
                with: try fixture.floats("hidden.\(name)")
            )
            difference.report(format)
        }
    }

    @Test("logits at every position are within the tolerance", arguments: formats)
    func logits(format: String) throws {
        let (fixture, model) = try open(format)
        let sequences = try fixture.lists("sequences")
        var difference = Difference("logits", allowed: try fixture.float("tolerance.logits"))
        for (index, sequence) in sequences.enumerated() {
            let found = model.logits(of: sequence).flatMap { $0 }
            difference.compare(found, with: try fixture.floats("logits.\(index)"))
        }
        difference.report(format)
    }

    /// The margin from which on a choice is sure: one below what a crossed rounding boundary moves
    /// may fall either way, and the comparison ends before it.
    private func leastMargin(_ fixture: Fixture) throws -> Float {
        let isRounded = try fixture.string("activations") != "f32"
        return isRounded ? 0.1 : 2 * (try fixture.float("tolerance.logits"))
    }

    @Test("the most likely continuation is the same while it is sure", arguments: formats)
    func greedy(format: String) throws {
        let (fixture, model) = try open(format)
        let expected = try fixture.integers("greedy.tokens")
        let margins = try fixture.floats("greedy.margins")
        let least = try leastMargin(fixture)
        let sure = margins.firstIndex { $0 <= least } ?? margins.count
        let found = model.greedy(try fixture.integers("greedy.prompt"), count: expected.count)
        let equal = zip(found, expected).prefix { $0 == $1 }.count
        print("golden \(format) greedy \(equal) of \(expected.count) tokens equal, \(sure) sure")
        #expect(equal >= sure, "\(format) greedy: run tools/golden")
        #expect(sure > 0)
    }

    /// The engine offers no control token but the end token, so the comparison ends there too.
    @Test("the engine goes on as the reference does while it is sure", arguments: formats)
    func engine(format: String) async throws {
        let (fixture, model) = try open(format)
        let expected = try fixture.integers("greedy.tokens").map { TokenID($0) }
        let margins = try fixture.floats("greedy.margins")
        let least = try leastMargin(fixture)
        let sure = zip(expected, margins).prefix { token, margin in
            margin > least && !model.tokenizer.isControl(token)
        }.map(\.0)
        let prompt = try fixture.integers("greedy.prompt").map { TokenID($0) }
        let free = GenerationPlan.FreeText(tokenCountMax: sure.count, stops: [], otherwise: [])
        let sample = CompletionRequest.Sample(
            prompt: 0,
            plan: GenerationPlan(free: free, choices: []),
            sampling: SamplingParameters(temperature: 0),
            random: CounterRandom(seed: 0, sample: 0)
        )
        let report = try await model.makeEngine().complete(
            CompletionRequest(prompts: [[prompt]], samples: [sample])
        )
        print("golden \(format) engine \(sure.count) sure tokens compared")
        #expect(report.completions.map(\.tokens) == [sure], "\(format): run tools/golden")
        #expect(!sure.isEmpty)
    }
}
