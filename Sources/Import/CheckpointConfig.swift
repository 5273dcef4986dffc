import Inference
import Store

/// A `config.json` of Hugging Face: the family and the sizes of a decoder, read as hostile input.
///
/// Keys that the two families do not know have no meaning to them and are passed over; a key that they
/// know, with a value that grmd does not follow, is refused.
/// Source: the configuration classes of Llama and Qwen2 in transformers 4 and 5.
struct CheckpointConfig: Sendable {
    /// The family of decoders.
    let architecture: Architecture
    /// Whether the model ends in a score head instead of an output matrix.
    let isClassifier: Bool
    /// The sizes; whether the embeddings are tied is what the file says.
    private(set) var hyperparameters = Hyperparameters()

    /// Parses the bytes of a file, which error texts call by a name.
    ///
    /// Throws: `badFormat`, `limit`, `unsupported`.
    init(_ bytes: [UInt8], name: String) throws(ImportError) {
        let value = try JSONParser.value(
            of: bytes,
            name: name,
            valueCountMax: ImportLimits.configValueCount
        )
        let fields = try JSONFields(value, name: name)
        (architecture, isClassifier) = try readClass(fields)
        try checkArithmetic(fields, isLlama: architecture.name == "llama")
        if isClassifier { try checkLabels(fields) }
        try readSizes(fields)
        hyperparameters.ropeBase = try readRopeBase(fields)
        hyperparameters.normEpsilon = Float(
            try fields.optionalNumber("rms_norm_eps", in: 1e-12...0.1) ?? 1e-6
        )
        hyperparameters.tiedEmbeddings = try fields.optionalFlag("tie_word_embeddings") ?? false
    }

    private mutating func readSizes(_ fields: JSONFields) throws(ImportError) {
        var sizes = hyperparameters
        sizes.width = try fields.count("hidden_size", limit: ImportLimits.width)
        sizes.feedForwardWidth = try fields.count(
            "intermediate_size",
            limit: ImportLimits.feedForwardWidth
        )
        sizes.layerCount = try fields.count("num_hidden_layers", limit: ImportLimits.layerCount)
        sizes.contextTokens = try fields.count(
            "max_position_embeddings",
            limit: ImportLimits.contextTokens
        )
        sizes.vocabularyCount = try fields.count("vocab_size", limit: ImportLimits.vocabularyCount)
        sizes.headCount = try fields.count("num_attention_heads", limit: ImportLimits.headCount)
        sizes.kvHeadCount =
            try fields.optionalCount("num_key_value_heads", limit: ImportLimits.headCount)
            ?? sizes.headCount
        let headWidth = try fields.optionalCount("head_dim", limit: ImportLimits.headWidth)
        guard headWidth != nil || sizes.width.isMultiple(of: sizes.headCount) else {
            throw fields.error(
                .badFormat,
                "num_attention_heads",
                expected: "a divisor of the width \(sizes.width)",
                found: "\(sizes.headCount)"
            )
        }
        sizes.headWidth = headWidth ?? sizes.width / sizes.headCount
        hyperparameters = sizes
    }
}

/// The family by `model_type`, and what the class puts behind it.
private func readClass(
    _ fields: JSONFields
) throws(ImportError) -> (Architecture, isClassifier: Bool) {
    let prefixes = ["llama": "Llama", "qwen2": "Qwen2"]
    let type = try fields.optionalText("model_type") ?? ""
    guard let architecture = Architecture.all.first(where: { $0.name == type }),
        let prefix = prefixes[type]
    else {
        throw fields.error(
            .unsupported,
            "model_type",
            expected: Architecture.all.map(\.name).joined(separator: " or "),
            found: quoted(type)
        )
    }
    let classes = try fields.optionalTexts("architectures") ?? []
    switch classes {
    case [prefix + "ForCausalLM"]: return (architecture, false)
    case [prefix + "ForSequenceClassification"]: return (architecture, true)
    default:
        throw fields.error(
            .unsupported,
            "architectures",
            expected: "\(prefix)ForCausalLM or \(prefix)ForSequenceClassification",
            found: classes.isEmpty
                ? "none" : classes.prefix(3).map(quoted).joined(separator: ", ")
        )
    }
}

/// Refuses what would change the arithmetic.
private func checkArithmetic(_ fields: JSONFields, isLlama: Bool) throws(ImportError) {
    for key in ["mlp_bias", "use_sliding_window", "quantization_config", "auto_map"] {
        try fields.refuse(key)
    }
    // Qwen2 has its biases always, whatever such a key says.
    if isLlama { try fields.refuse("attention_bias") }
    try fields.refuse("rope_interleaved")
    let activation = try fields.optionalText("hidden_act") ?? "silu"
    guard activation == "silu" else {
        throw fields.error(
            .unsupported,
            "hidden_act",
            expected: "\"silu\"",
            found: quoted(activation)
        )
    }
    let layers = try fields.optionalTexts("layer_types") ?? []
    if let other = layers.first(where: { $0 != "full_attention" }) {
        throw fields.error(
            .unsupported,
            "layer_types",
            expected: "\"full_attention\" only",
            found: quoted(other)
        )
    }
    let tensorParallel = try fields.optionalCount("pretraining_tp", limit: 1 << 16) ?? 1
    guard tensorParallel == 1 else {
        throw fields.error(
            .unsupported,
            "pretraining_tp",
            expected: "1",
            found: "\(tensorParallel)"
        )
    }
}

/// Makes sure that a classifier has one label; where the file does not say, the tensor does.
private func checkLabels(_ fields: JSONFields) throws(ImportError) {
    let stated = try fields.optionalCount("num_labels", limit: 1 << 16).map { Int($0) }
    let named = try fields.optionalObject("id2label")?.keys.count
    for (key, count) in [("num_labels", stated), ("id2label", named)] {
        guard let count, count != 1 else { continue }
        throw fields.error(.unsupported, key, expected: "one label", found: "\(count)")
    }
}

/// The base of the rotary positions: transformers 4 has a key for it, 5 an object.
private func readRopeBase(_ fields: JSONFields) throws(ImportError) -> Float {
    let range = 1.0...1e12
    var base = try fields.optionalNumber("rope_theta", in: range)
    for key in ["rope_scaling", "rope_parameters"] {
        guard let rope = try fields.optionalObject(key) else { continue }
        for typeKey in ["rope_type", "type"] {
            let type = try rope.optionalText(typeKey) ?? "default"
            guard type == "default" else {
                throw rope.error(
                    .unsupported,
                    typeKey,
                    expected: "\"default\"",
                    found: quoted(type)
                )
            }
        }
        let factor = try rope.optionalNumber("partial_rotary_factor", in: 0...1) ?? 1
        guard factor == 1 else {
            throw rope.error(
                .unsupported,
                "partial_rotary_factor",
                expected: "1",
                found: "\(factor)"
            )
        }
        base = try rope.optionalNumber("rope_theta", in: range) ?? base
    }
    return Float(base ?? 10_000)
}
