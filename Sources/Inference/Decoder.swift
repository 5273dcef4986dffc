package import Kernels

/// A decoder of the llama family: tokens in, hidden states and logits out.
///
/// Source: arXiv 2302.13971, section 2.2; the biases of qwen2: arXiv 2407.10671, section 2.2.
///
/// Owned by one engine; used by one thread at a time. Weights are shared and read-only, scratch is
/// its own.
package final class Decoder {
    package let shape: ModelShape
    /// The most rows of one forward pass.
    package let rowsMax: Int
    /// The most rows of one vocabulary product.
    package let logitRowsMax: Int
    package let weights: DecoderWeights
    private let pool: ComputePool
    private let rotary: RotaryTable
    private let scratch: Scratch

    /// Reserves the scratch for `rowsMax` tokens.
    package init(
        weights: DecoderWeights,
        shape: ModelShape,
        pool: ComputePool,
        rowsMax: Int = 256
    ) {
        self.weights = weights
        self.shape = shape
        self.pool = pool
        self.rowsMax = rowsMax
        logitRowsMax = 32
        rotary = RotaryTable(
            headWidth: shape.heads.width,
            positionCount: shape.contextTokens,
            base: shape.ropeBase
        )
        scratch = Scratch(shape: shape, rows: rowsMax, logitRows: logitRowsMax)
    }

    private struct Scratch {
        let residual: Activations  // [rows, width]
        let normed: Activations  // [rows, width]
        let query: Activations  // [rows, heads * headWidth]
        let key: Activations  // [rows, kvHeads * headWidth]
        let value: Activations  // [rows, kvHeads * headWidth]
        let attended: Activations  // [rows, heads * headWidth]
        let gate: Activations  // [rows, feedForwardWidth]
        let up: Activations  // [rows, feedForwardWidth]
        let update: Activations  // [rows, width]
        let heads: Activations  // [logit rows, width]
        let logits: Activations  // [logit rows, vocabulary]

        init(shape: ModelShape, rows: Int, logitRows: Int) {
            let queryWidth = shape.heads.queryHeads * shape.heads.width
            residual = Activations(capacity: rows, columns: shape.width)
            normed = Activations(capacity: rows, columns: shape.width)
            query = Activations(capacity: rows, columns: queryWidth)
            key = Activations(capacity: rows, columns: shape.keyValueWidth)
            value = Activations(capacity: rows, columns: shape.keyValueWidth)
            attended = Activations(capacity: rows, columns: queryWidth)
            gate = Activations(capacity: rows, columns: shape.feedForwardWidth)
            up = Activations(capacity: rows, columns: shape.feedForwardWidth)
            update = Activations(capacity: rows, columns: shape.width)
            heads = Activations(capacity: logitRows, columns: shape.width)
            logits = Activations(capacity: logitRows, columns: shape.vocabularyCount)
        }
    }

    /// Runs the tokens through every block and stores their keys and values.
    ///
    /// What a token gives depends on itself and on what it sees alone, never on the other runs.
    ///
    /// - Parameters:
    ///   - runs: At most `rowsMax` tokens in all, and at least one.
    ///   - observe: Called with the hidden states after the embedding ("embed"), each block
    ///     ("layer.N") and the last norm ("norm"), for comparisons.
    /// - Returns: The normed hidden states, run after run, valid until the next call. Shape:
    ///   [rows, width].
    package func forward(
        _ runs: [DecoderRun],
        observe: (String, Activations) -> Void = { _, _ in }
    ) -> Activations {
        let rows = DecoderRows(runs, shape: shape.heads)
        precondition(!rows.tokens.isEmpty && rows.tokens.count <= rowsMax)
        let x = scratch.residual
        pool.gather(rows.tokens, from: weights.embedding, into: x)
        observe("embed", x)
        for (index, layer) in weights.layers.enumerated() {
            attend(rows, layer, index, x)
            feedForward(layer, x)
            observe("layer.\(index)", x)
        }
        pool.normalize(
            x,
            gain: weights.outputNorm,
            epsilon: shape.normEpsilon,
            into: scratch.normed
        )
        observe("norm", scratch.normed)
        return scratch.normed
    }

    private func attend(
        _ rows: DecoderRows,
        _ layer: LayerWeights,
        _ index: Int,
        _ x: Activations
    ) {
        let s = scratch
        pool.normalize(
            x,
            gain: layer.attentionNorm,
            epsilon: shape.normEpsilon,
            into: s.normed
        )
        pool.multiply(
            s.normed,
            by: [
                .init(layer.query, into: s.query), .init(layer.key, into: s.key),
                .init(layer.value, into: s.value),
            ]
        )
        if let bias = layer.queryBias { pool.add(bias, toRowsOf: s.query) }
        if let bias = layer.keyBias { pool.add(bias, toRowsOf: s.key) }
        if let bias = layer.valueBias { pool.add(bias, toRowsOf: s.value) }
        pool.rotate(s.query, positions: rows.positions, table: rotary)
        pool.rotate(s.key, positions: rows.positions, table: rotary)
        pool.store(keys: s.key, values: s.value, into: rows.own, layer: index)
        pool.attend(s.query, to: rows.tiles, layer: index, shape: shape.heads, into: s.attended)
        pool.multiply(s.attended, by: [.init(layer.attentionOutput, into: s.update)])
        pool.add(s.update, to: x)
    }

    private func feedForward(_ layer: LayerWeights, _ x: Activations) {
        let s = scratch
        pool.normalize(
            x,
            gain: layer.feedForwardNorm,
            epsilon: shape.normEpsilon,
            into: s.normed
        )
        pool.multiply(
            s.normed,
            by: [.init(layer.gate, into: s.gate), .init(layer.up, into: s.up)]
        )
        pool.gate(s.gate, with: s.up)
        pool.multiply(s.gate, by: [.init(layer.down, into: s.update)])
        pool.add(s.update, to: x)
    }

    /// The logits of normed hidden states, of at most `logitRowsMax`.
    ///
    /// Shape: [n][width] to [n, vocabulary]; valid until the next call.
    package func logits(of hidden: [[Float]]) -> Activations {
        precondition(hidden.count <= logitRowsMax)
        scratch.heads.resize(to: hidden.count)
        for (row, state) in hidden.enumerated() { scratch.heads.setRow(row, to: state) }
        pool.multiply(scratch.heads, by: [.init(weights.output, into: scratch.logits)])
        return scratch.logits
    }
}
