import Foundation
import Inference
import Kernels
import Testing

/// A real model, imported in one format, beside its fixture.
struct GoldenComparison {
    /// What reports call it.
    private let name: String
    private let fixture: Fixture
    private let model: GoldenModel

    /// Imports the model, which takes a while and, widened, four bytes a parameter.
    init(_ real: RealModel, format: NumberFormat?) throws {
        name = real.name + (format.map { " as \($0.rawValue)" } ?? "")
        fixture = try Fixture(real.name)
        model = try GoldenModel(importing: try #require(real.path), format: format)
    }

    /// The strings are kept once, with the first of the models that have their tokens.
    func checkTokens() throws {
        guard fixture.names.contains("strings.tokens") else { return }
        let strings = try Fixture("smollm2-q4_1").strings("strings")
        let expected = try fixture.lists("strings.tokens")
        try #require(strings.count == expected.count && strings.count >= 200)
        for (string, tokens) in zip(strings, expected) {
            #expect(model.tokenizer.encode(string).map(\.rawValue) == tokens, "\(string)")
        }
        print("golden \(name) tokens of \(strings.count) strings compared")
    }

    func checkBlock(_ activations: String, tolerance: Int) throws {
        let found = model.hiddenStates(of: try fixture.integers("block.tokens"))["layer.0"] ?? []
        let allowed = try fixture.floats("tolerance.block")[tolerance]
        var difference = Difference("block.\(activations)", allowed: allowed)
        difference.compare(
            try found.flatMap(keptColumns),
            with: try fixture.floats("block.\(activations)")
        )
        difference.report(name)
    }

    func checkHiddenStates() throws {
        let found = model.hiddenStates(of: try #require(fixture.lists("prompts.tokens").first))
        let blocks = [0, 1, model.shape.layerCount - 1]
        for (block, allowed) in zip(blocks, try fixture.floats("tolerance.hidden.attention")) {
            let entry = "hidden.attention.layer.\(block)"
            var difference = Difference(entry, allowed: allowed)
            let last = found["layer.\(block)"]?.last ?? []
            difference.compare(try keptColumns(last), with: try fixture.floats(entry))
            difference.report(name)
        }
    }

    /// The columns of a hidden state that the fixture has.
    private func keptColumns(_ state: [Float]) throws -> [Float] {
        guard fixture.names.contains("columns.stride") else { return state }
        let step = Int(try fixture.integers("columns.stride").first ?? 1)
        return stride(from: 0, to: state.count, by: step).map { state[$0] }
    }

    /// The stored logits of one prompt.
    private func kept(_ logits: [Float], prompt: Int) throws -> [Float] {
        try fixture.integerRows("logits.ids")[prompt].map { logits[Int($0)] }
    }

    /// Compares with the simulation of integer attention value by value, and the best tokens with
    /// those of transformers; what integer attention costs is printed.
    func checkLogits() throws {
        let expected = try fixture.floatRows("logits.attention")
        let best = try fixture.integers("argmax.f32")
        let allowed = try fixture.floats("tolerance.attention")
        let plain = try fixture.floatRows("logits.f32")
        var cost = Difference("logits from transformers", allowed: .infinity)
        var pooled = Difference("logits pooled", allowed: .infinity)
        var worst: Difference?
        for (index, prompt) in try fixture.lists("prompts.tokens").enumerated() {
            let logits = model.lastLogits(of: prompt)
            var difference = Difference("logits of prompt \(index)", allowed: allowed[index])
            difference.compare(try kept(logits, prompt: index), with: expected[index])
            pooled.compare(try kept(logits, prompt: index), with: expected[index])
            cost.compare(try kept(logits, prompt: index), with: plain[index])
            #expect(difference.isAllowed, "\(name) \(difference)")
            #expect(argmax(logits) == best[index], "\(name) prompt \(index)")
            if difference.largest > worst?.largest ?? 0 { worst = difference }
        }
        let largest = try #require(worst)
        print("golden \(name) logits of \(expected.count) prompts, worst: \(largest)")
        let limit = Double(try fixture.float("tolerance.attention.pooled"))
        let rms = pooled.rootMeanSquare
        print("golden \(name) logits rms error \(short(rms)) allowed \(short(limit))")
        #expect(rms <= limit, "\(name) logits; run tools/golden")
        print(
            """
            golden \(name) \(cost.name): max \(short(cost.largest)), \
            rms \(short(cost.rootMeanSquare))
            """
        )
    }

    /// The engine and the simulation are two draws of one process (real.py): what is held is their
    /// root mean square distance, per prompt and over all.
    func checkRoundedLogits() throws {
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
                "\(name) prompt \(index) rms \(found) allowed \(allowed[index]); run tools/golden"
            )
            agreeing += argmax(logits) == (try fixture.integers("argmax.int8"))[index] ? 1 : 0
        }
        let limit = Double(try fixture.float("tolerance.int8.pooled"))
        let rms = pooled.rootMeanSquare
        print(
            """
            golden \(name) logits of \(expected.count) prompts rms error \(short(rms)) allowed \
            \(short(limit)), max \(short(pooled.largest)), best token equal in \(agreeing)
            """
        )
        #expect(rms <= limit, "\(name) logits; run tools/golden")
    }

    /// A token is held to be sure if its margin is more than twice what a logit may be off from that
    /// of transformers: twice the largest that integer attention costs in the simulation.
    func checkGreedy() throws {
        let prompts = try fixture.lists("greedy.prompts.tokens")
        let expected = try fixture.integerRows("greedy.tokens")
        let margins = try fixture.floatRows("greedy.margins")
        let least = 4 * (try fixture.floats("error.attention").max() ?? 0)
        var equalCount = 0
        var sureCount = 0
        for (index, prompt) in prompts.enumerated() {
            let sure = margins[index].firstIndex { $0 <= least } ?? margins[index].count
            let found = model.greedy(prompt, count: expected[index].count)
            let equal = zip(found, expected[index]).prefix { $0 == $1 }.count
            #expect(equal >= sure, "\(name) greedy \(index): run tools/golden")
            equalCount += equal
            sureCount += sure
        }
        print(
            """
            golden \(name) greedy \(equalCount) of \(expected.joined().count) tokens equal, \
            \(sureCount) sure (margin above \(short(Double(least))))
            """
        )
        #expect(sureCount > 0)
    }

    /// The mean negative log-likelihood of the long text, in nats.
    private func logLoss() throws -> Double {
        let tokens = try fixture.integers("perplexity.tokens")
        let text = try Fixture("smollm2-q4_1").string("perplexity.text")
        // Models that are slow to run have the first paragraphs alone.
        let start = model.tokenizer.decode(tokens.map { TokenID($0) })
        #expect(text.hasPrefix(start) && model.tokenizer.encode(start).map(\.rawValue) == tokens)
        let states = model.run(tokens, in: model.makeBlock(capacity: tokens.count))
        var total = 0.0
        for first in stride(from: 0, to: tokens.count - 1, by: 32) {
            let end = min(first + 32, tokens.count - 1)
            for (place, logits) in model.logits(of: Array(states[first..<end])).enumerated() {
                let peak = logits.max() ?? 0
                let sum = logits.reduce(0.0) { $0 + exp(Double($1 - peak)) }
                total += log(sum) + Double(peak - logits[Int(tokens[first + place + 1])])
            }
        }
        return total / Double(tokens.count - 1)
    }

    private func decimal(_ value: Double) -> String { String(format: "%.5f", value) }

    /// Prints the perplexity beside those of the reference and returns its ratio to the last of them.
    @discardableResult
    func reportPerplexity(against references: String...) throws -> Double {
        let loss = try logLoss()
        var ratio = 0.0
        for reference in references {
            let expected = try fixture.double("perplexity.\(reference)")
            ratio = exp(loss - expected)
            print(
                """
                golden \(name) perplexity \(decimal(exp(loss))), reference in \(reference) \
                \(decimal(exp(expected))), ratio less 1: \(short(ratio - 1))
                """
            )
        }
        return ratio
    }
}
