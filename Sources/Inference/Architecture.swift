/// What sets one family of decoders apart from the others.
///
/// All of them are stacks of blocks that add attention with rotary positions and a gated feed-forward
/// part to a residual stream, each behind an RMS norm. A family that is new to grmd is one file
/// beside this one and a place in `all`.
package struct Architecture: Hashable, Sendable {
    /// How a model file orders the rows of a head's queries and keys.
    package enum RotaryRows: Sendable {
        /// Row i turns together with row headWidth / 2 + i, as the decoder does it.
        case halves
        /// Row 2i turns together with row 2i + 1.
        case neighbours
    }

    /// Its name in the store and in GGUF, where the keys of its sizes start with it.
    package let name: String
    /// Whether the products for queries, keys and values have a bias.
    package let hasProjectionBiases: Bool
    /// The order of the rows in GGUF; the store always has halves.
    package let rotaryRows: RotaryRows

    /// Every family that grmd can run.
    package static let all: [Architecture] = [.llama, .qwen2]

    /// The family of a name.
    ///
    /// - Throws: `InferenceError.invalidModel` for a name that is not known.
    package init(named name: String) throws(InferenceError) {
        guard let architecture = Self.all.first(where: { $0.name == name }) else {
            throw InferenceError(
                .invalidModel,
                subject: "architecture",
                expected: Self.all.map(\.name).joined(separator: " or "),
                found: name
            )
        }
        self = architecture
    }

    init(name: String, hasProjectionBiases: Bool, rotaryRows: RotaryRows) {
        self.name = name
        self.hasProjectionBiases = hasProjectionBiases
        self.rotaryRows = rotaryRows
    }

    /// Every tensor that a model of this family has, by name.
    ///
    /// Shapes: [rows, columns], or [count] for a vector. Names are those of GGUF.
    package func tensorShapes(_ shape: ModelShape) -> [String: [Int]] {
        var shapes = [
            "token_embd.weight": [shape.vocabularyCount, shape.width],
            "output_norm.weight": [shape.width],
        ]
        if !shape.tiesEmbeddings {
            shapes["output.weight"] = [shape.vocabularyCount, shape.width]
        }
        for layer in 0..<shape.layerCount {
            for (name, sizes) in layerShapes(shape) { shapes["blk.\(layer).\(name)"] = sizes }
        }
        return shapes
    }

    private func layerShapes(_ shape: ModelShape) -> [String: [Int]] {
        let width = shape.width
        let queryWidth = shape.queryHeads * shape.headWidth
        let keyWidth = shape.keyValueHeads * shape.headWidth
        var shapes = [
            "attn_norm.weight": [width],
            "attn_q.weight": [queryWidth, width],
            "attn_k.weight": [keyWidth, width],
            "attn_v.weight": [keyWidth, width],
            "attn_output.weight": [width, queryWidth],
            "ffn_norm.weight": [width],
            "ffn_gate.weight": [shape.feedForwardWidth, width],
            "ffn_up.weight": [shape.feedForwardWidth, width],
            "ffn_down.weight": [width, shape.feedForwardWidth],
        ]
        if hasProjectionBiases {
            shapes["attn_q.bias"] = [queryWidth]
            shapes["attn_k.bias"] = [keyWidth]
            shapes["attn_v.bias"] = [keyWidth]
        }
        return shapes
    }
}
