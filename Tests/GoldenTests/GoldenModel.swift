import Foundation
import Import
import Inference
import Kernels
import Store

/// A model of the fixtures, imported into a store of its own, which goes when the value goes.
final class GoldenModel {
    let shape: ModelShape
    let tokenizer: Tokenizer
    private let weights: DecoderWeights
    private let decoder: Decoder
    private let folder: String

    /// Imports a model file; without a format, the numbers stay as they are in the file.
    init(importing path: String, format: NumberFormat? = nil, threadCount: Int = 2) throws {
        folder = NSTemporaryDirectory() + "/grmd-golden-" + UUID().uuidString
        let directory = try StoreDirectory(creatingAt: folder)
        let version = try importModel(
            at: path,
            into: directory,
            options: ImportOptions(format: format)
        ) { _ in }
        shape = try ModelShape(version.manifest.hyperparameters)
        tokenizer = try DecoderWeights.tokenizer(of: version, in: directory)
        weights = try DecoderWeights(version, shape: shape, in: directory)
        decoder = Decoder(
            weights: weights,
            shape: shape,
            pool: try ComputePool(threadCount: threadCount)
        )
    }

    deinit {
        // A folder that stays behind in the system's place for such folders harms nobody.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// An engine on the model's weights.
    func makeEngine() throws -> Engine {
        try Engine(
            models: [EngineModel(weights: weights, shape: shape, tokenizer: tokenizer)],
            limits: Engine.Limits(keyValueBytesMax: 1 << 24, threadCount: 2)
        )
    }

    /// Room for the keys and values of a sequence of this model.
    func makeBlock(capacity: Int) -> KeyValueBlock {
        shape.makeBlock(tokens: capacity)
    }

    /// Runs tokens from `block.count` on and returns their normed hidden states.
    func run(
        _ tokens: [UInt32],
        in block: KeyValueBlock,
        observe: (String, Activations) -> Void = { _, _ in }
    ) -> [[Float]] {
        var states: [[Float]] = []
        for start in stride(from: 0, to: tokens.count, by: decoder.rowsMax) {
            let part = tokens[start..<min(start + decoder.rowsMax, tokens.count)]
            let run = DecoderRun(
                tokens: part.map { TokenID($0) },
                position: block.count,
                shared: [],
                block: block,
                place: block.count
            )
            let hidden = decoder.forward([run], observe: observe)
            block.count += part.count
            states += part.indices.map { hidden.copyRow($0 - start) }
        }
        return states
    }

    /// The logits of hidden states.
    func logits(of states: [[Float]]) -> [[Float]] {
        stride(from: 0, to: states.count, by: decoder.logitRowsMax).flatMap { start in
            let part = Array(states[start..<min(start + decoder.logitRowsMax, states.count)])
            let logits = decoder.logits(of: part)
            return part.indices.map { logits.copyRow($0) }
        }
    }

    /// The logits after every token of a sequence.
    func logits(of tokens: [UInt32]) -> [[Float]] {
        logits(of: run(tokens, in: makeBlock(capacity: tokens.count)))
    }

    /// The logits after the last token of a sequence.
    func lastLogits(of tokens: [UInt32]) -> [Float] {
        let states = run(tokens, in: makeBlock(capacity: tokens.count))
        return logits(of: states.suffix(1)).first ?? []
    }

    /// Every hidden state of a sequence of at most one batch, by the name that the fixtures use.
    func hiddenStates(of tokens: [UInt32]) -> [String: [[Float]]] {
        var states: [String: [[Float]]] = [:]
        _ = run(tokens, in: makeBlock(capacity: tokens.count)) { name, values in
            states[name] = (0..<values.count).map { values.copyRow($0) }
        }
        return states
    }

    /// The most likely tokens one after the other; the end token has no special part.
    func greedy(_ prompt: [UInt32], count: Int) -> [UInt32] {
        let block = makeBlock(capacity: prompt.count + count)
        var state = run(prompt, in: block).suffix(1)
        var tokens: [UInt32] = []
        for _ in 0..<count {
            let token = logits(of: Array(state)).first.map(argmax) ?? 0
            tokens.append(token)
            state = run([token], in: block).suffix(1)
        }
        return tokens
    }
}

/// The index of the largest value, the first of equals.
func argmax(_ values: [Float]) -> UInt32 {
    var best = 0
    for index in values.indices where values[index] > values[best] { best = index }
    return UInt32(best)
}
