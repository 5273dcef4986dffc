package import Kernels

/// One token of a batch: where it stands, where its keys and values go, and what it sees.
package struct DecoderRow {
    package let token: TokenID
    /// Position in its sequence, from 0.
    package let position: Int
    /// Where this token's keys and values are kept, and at which place.
    package let block: KeyValueBlock
    package let place: Int
    /// What the token attends to, in order of position; the last piece ends with the token itself.
    package let pieces: [KeyValuePiece]

    /// Makes a row.
    package init(
        token: TokenID,
        position: Int,
        block: KeyValueBlock,
        place: Int,
        pieces: [KeyValuePiece]
    ) {
        self.token = token
        self.position = position
        self.block = block
        self.place = place
        self.pieces = pieces
    }
}

/// A llama decoder: tokens in, hidden states and logits out.
///
/// Source: arXiv 2302.13971, section 2.2.
///
/// Owned by one engine; used by one thread at a time. Weights are shared and read-only, scratch is
/// its own.
package final class Decoder {
    package let shape: ModelShape
    /// The most rows of one forward pass.
    package let rowsMax: Int
    /// The most rows of one vocabulary product.
    package let logitRowsMax: Int
    private let weights: DecoderWeights
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

    /// Runs one token of each row through every block and stores its keys and values.
    ///
    /// Rows of one sequence stand in order of position. What a row gives depends on the row and on
    /// what it sees alone, never on the other rows.
    ///
    /// - Parameters:
    ///   - rows: At most `rowsMax`, not empty.
    ///   - observe: Called with the hidden states after the embedding ("embed"), each block
    ///     ("layer.N") and the last norm ("norm"), for comparisons.
    /// - Returns: The normed hidden states, valid until the next call. Shape: [rows, width].
    package func forward(
        _ rows: [DecoderRow],
        observe: (String, Activations) -> Void = { _, _ in }
    ) -> Activations {
        precondition(!rows.isEmpty && rows.count <= rowsMax)
        let x = scratch.residual
        pool.gather(rows.map { Int($0.token.rawValue) }, from: weights.embedding, into: x)
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
        _ rows: [DecoderRow],
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
        let positions = rows.map(\.position)
        pool.rotate(s.query, positions: positions, table: rotary)
        pool.rotate(s.key, positions: positions, table: rotary)
        for (place, row) in rows.enumerated() {
            row.block.store(
                layer: index,
                token: row.place,
                keys: s.key,
                values: s.value,
                row: place
            )
        }
        pool.attend(
            s.query,
            to: rows.map(\.pieces),
            layer: index,
            shape: shape.heads,
            into: s.attended
        )
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
