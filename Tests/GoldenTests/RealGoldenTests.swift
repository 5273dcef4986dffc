import Foundation
import Inference
import Kernels
import Testing

/// Where SmolLM2-135M-Instruct.Q4_1.gguf is, if this machine has it.
private let modelPath = ProcessInfo.processInfo.environment["GRMD_MODEL"]

/// SmolLM2-135M-Instruct against transformers.
///
/// Runs where `GRMD_MODEL` names its Q4_1 file.
@Suite(
    "the real model against the reference",
    .serialized,
    .enabled(if: modelPath != nil, "GRMD_MODEL names no SmolLM2-135M-Instruct.Q4_1.gguf")
)
struct RealGoldenTests {
    private let fixture: Fixture
    private let path: String

    init() throws {
        fixture = try Fixture("smollm2-q4_1")
        path = try #require(modelPath)
    }

    @Test("with the numbers of the file: tokens, first block, logits, perplexity")
    func packed() throws {
        let model = try GoldenModel(importing: path)
        try checkTokens(model)
        try checkBlock(model, "int8", "q4_1", tolerance: 1)
        try checkRoundedLogits(model)
        let found = try logLoss(model)
        try reportPerplexity("q4_1", found, against: "int8")
        try reportPerplexity("q4_1", found, against: "f32")
    }

    @Test("widened to f32: hidden states, logits, greedy continuations, perplexity")
    func widened() throws {
        let model = try GoldenModel(importing: path, format: .f32)
        try checkBlock(model, "f32", "f32", tolerance: 0)
        try checkHiddenStates(model)
        try checkLogits(model)
        try checkGreedy(model)
        let ratio = try reportPerplexity("f32", try logLoss(model), against: "f32")
        #expect(abs(ratio - 1) <= 0.001, "perplexity: run tools/golden")
    }

    private func checkTokens(_ model: GoldenModel) throws {
        let strings = try fixture.strings("strings")
        let expected = try fixture.lists("strings.tokens")
        try #require(strings.count == expected.count && strings.count >= 200)
        for (string, tokens) in zip(strings, expected) {
            #expect(model.tokenizer.encode(string).map(\.rawValue) == tokens, "\(string)")
        }
        print("golden q4_1 tokens of \(strings.count) strings compared")
    }

    private func checkBlock(
        _ model: GoldenModel,
        _ activations: String,
        _ format: String,
        tolerance: Int
    ) throws {
        let found = model.hiddenStates(of: try fixture.integers("block.tokens"))["layer.0"] ?? []
        let allowed = try fixture.floats("tolerance.block")[tolerance]
        var difference = Difference("block.\(activations)", allowed: allowed)
        difference.compare(found.flatMap { $0 }, with: try fixture.floats("block.\(activations)"))
        difference.report(format)
    }

    private func checkHiddenStates(_ model: GoldenModel) throws {
        let found = model.hiddenStates(of: try #require(fixture.lists("prompts.tokens").first))
        for (block, allowed) in zip([0, 1, 29], try fixture.floats("tolerance.hidden.f32")) {
            let name = "hidden.f32.layer.\(block)"
            var difference = Difference(name, allowed: allowed)
            difference.compare(found["layer.\(block)"]?.last ?? [], with: try fixture.floats(name))
            difference.report("f32")
        }
    }

    /// The stored logits of one prompt.
    private func kept(_ logits: [Float], prompt: Int) throws -> [Float] {
        try fixture.integerRows("logits.ids")[prompt].map { logits[Int($0)] }
    }

    private func checkLogits(_ model: GoldenModel) throws {
        let expected = try fixture.floatRows("logits.f32")
        let best = try fixture.integers("argmax.f32")
        let allowed = try fixture.floats("tolerance.f32")
        var worst: Difference?
        for (index, prompt) in try fixture.lists("prompts.tokens").enumerated() {
            let logits = model.lastLogits(of: prompt)
            var difference = Difference("logits of prompt \(index)", allowed: allowed[index])
            difference.compare(try kept(logits, prompt: index), with: expected[index])
            #expect(difference.isAllowed, "f32 \(difference)")
            #expect(argmax(logits) == best[index], "f32 prompt \(index)")
            if difference.largest > worst?.largest ?? 0 { worst = difference }
        }
        let largest = try #require(worst)
        print("golden f32 logits of \(expected.count) prompts, worst: \(largest)")
    }

    /// The engine and the simulation are two draws of one process (real.py): what is held is their
    /// root mean square distance, per prompt and over all.
    private func checkRoundedLogits(_ model: GoldenModel) throws {
        let expected = try fixture.floatRows("logits.int8")
        let allowed = try fixture.floats("tolerance.int8.rms")
        var pooled = Difference("logits pooled", allowed: .infinity)
        var agreeing = 0
        for (index, prompt) in try fixture.lists("prompts.tokens").enumerated() {
            let logits = model.lastLogits(of: prompt)
            var difference = Difference("logits of prompt \(index)", allowed: .infinity)
            difference.compare(try kept(logits, prompt: index), with: expected[index])
            pooled.compare(try kept(logits, prompt: index), with: expected[index])
            let found = difference.rootMeanSquare
            #expect(
                found <= Double(allowed[index]),
                "q4_1 prompt \(index) rms \(found) allowed \(allowed[index]); run tools/golden"
            )
            agreeing += argmax(logits) == (try fixture.integers("argmax.int8"))[index] ? 1 : 0
        }
        let limit = Double(try fixture.float("tolerance.int8.pooled"))
        let rms = pooled.rootMeanSquare
        print(
            """
            golden q4_1 logits of \(expected.count) prompts rms error \(short(rms)) allowed \
            \(short(limit)), max \(short(pooled.largest)), best token equal in \(agreeing)
            """
        )
        #expect(rms <= limit, "q4_1 logits; run tools/golden")
    }

    /// A token is held to be sure if its margin is more than twice what a logit may be off.
    private func checkGreedy(_ model: GoldenModel) throws {
        let prompts = try fixture.lists("greedy.prompts.tokens")
        let expected = try fixture.integerRows("greedy.tokens")
        let margins = try fixture.floatRows("greedy.margins")
        let least = 2 * (try fixture.floats("tolerance.f32").max() ?? 0)
        var equalCount = 0
        var sureCount = 0
        for (index, prompt) in prompts.enumerated() {
            let sure = margins[index].firstIndex { $0 <= least } ?? margins[index].count
            let found = model.greedy(prompt, count: expected[index].count)
            let equal = zip(found, expected[index]).prefix { $0 == $1 }.count
            #expect(equal >= sure, "f32 greedy \(index): run tools/golden")
            equalCount += equal
            sureCount += sure
        }
        print(
            """
            golden f32 greedy \(equalCount) of \(expected.count * 64) tokens equal, \(sureCount) \
            sure (margin above \(short(Double(least))))
            """
        )
        #expect(sureCount > 0)
    }

    /// The mean negative log-likelihood of the long text, in nats.
    private func logLoss(_ model: GoldenModel) throws -> Double {
        let tokens = try fixture.integers("perplexity.tokens")
        #expect(
            model.tokenizer.encode(try fixture.string("perplexity.text")).map(\.rawValue) == tokens
        )
        let states = model.run(tokens, in: model.makeBlock(capacity: tokens.count))
        var total = 0.0
        for start in stride(from: 0, to: tokens.count - 1, by: 32) {
            let end = min(start + 32, tokens.count - 1)
            for (place, logits) in model.logits(of: Array(states[start..<end])).enumerated() {
                let peak = logits.max() ?? 0
                let sum = logits.reduce(0.0) { $0 + exp(Double($1 - peak)) }
                total += log(sum) + Double(peak - logits[Int(tokens[start + place + 1])])
            }
        }
        return total / Double(tokens.count - 1)
    }

    private func decimal(_ value: Double) -> String { String(format: "%.5f", value) }

    /// Prints a perplexity beside the reference's and returns their ratio.
    @discardableResult
    private func reportPerplexity(
        _ format: String,
        _ loss: Double,
        against reference: String
    ) throws -> Double {
        let expected = try fixture.double("perplexity.\(reference)")
        let ratio = exp(loss - expected)
        print(
            """
            golden \(format) perplexity \(decimal(exp(loss))), reference in \(reference) \
            \(decimal(exp(expected))), ratio less 1: \(short(ratio - 1))
            """
        )
        return ratio
    }
}
