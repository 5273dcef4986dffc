import Store

extension Hyperparameters {
    /// The shape of a llama decoder, out of the metadata of a GGUF file.
    ///
    /// A key of the architecture that is not known here would change the arithmetic without
    /// anybody noticing, so that such a file is refused.
    /// Throws: `badFormat`, `limit`, `unsupported`.
    init(_ file: GGUFFile) throws(ImportError) {
        self.init()
        try checkKeys(of: file)
        layerCount = try file.count("llama.block_count", limit: ImportLimits.layerCount)
        width = try file.count("llama.embedding_length", limit: ImportLimits.width)
        feedForwardWidth = try file.count(
            "llama.feed_forward_length",
            limit: ImportLimits.feedForwardWidth
        )
        contextTokens = try file.count(
            "llama.context_length",
            limit: ImportLimits.contextTokens
        )
        try readHeads(from: file)
        try checkRotary(in: file)
        // What llama.cpp takes where a file does not say.
        ropeBase = try file.optionalNumber("llama.rope.freq_base", in: 1...1e12) ?? 10_000
        let epsilonKey = "llama.attention.layer_norm_rms_epsilon"
        guard let epsilon = try file.optionalNumber(epsilonKey, in: 1e-12...0.1) else {
            throw file.error(
                .badFormat,
                file.subject(epsilonKey),
                expected: "the key",
                found: "a file without it"
            )
        }
        normEpsilon = epsilon
        try readVocabulary(from: file)
        tiedEmbeddings = !file.tensors.contains { $0.name == "output.weight" }
    }

    private mutating func readHeads(from file: GGUFFile) throws(ImportError) {
        let prefix = "llama.attention."
        headCount = try file.count(prefix + "head_count", limit: ImportLimits.headCount)
        kvHeadCount =
            try file.optionalCount(prefix + "head_count_kv", limit: ImportLimits.headCount)
            ?? headCount
        guard headCount % kvHeadCount == 0 else {
            throw file.error(
                .badFormat,
                file.subject(prefix + "head_count_kv"),
                expected: "a divisor of \(headCount) heads",
                found: "\(kvHeadCount)"
            )
        }
        let keyWidth = try file.optionalCount(prefix + "key_length", limit: ImportLimits.headWidth)
        guard keyWidth != nil || width % headCount == 0 else {
            throw file.error(
                .badFormat,
                file.subject(prefix + "head_count"),
                expected: "a divisor of the width \(width)",
                found: "\(headCount)"
            )
        }
        headWidth = keyWidth ?? width / headCount
        guard headWidth % 2 == 0, headWidth <= ImportLimits.headWidth else {
            throw file.error(
                .limit,
                "the width of a head",
                expected: "an even number of at most \(ImportLimits.headWidth)",
                found: "\(headWidth)"
            )
        }
        let valueWidth = try file.optionalCount(
            prefix + "value_length",
            limit: ImportLimits.headWidth
        )
        guard valueWidth == nil || valueWidth == headWidth else {
            throw file.error(
                .unsupported,
                file.subject(prefix + "value_length"),
                expected: "\(headWidth), as for keys",
                found: "\(valueWidth ?? 0)"
            )
        }
    }

    private func checkRotary(in file: GGUFFile) throws(ImportError) {
        let dimensionKey = "llama.rope.dimension_count"
        let dimension = try file.optionalCount(dimensionKey, limit: ImportLimits.headWidth)
        guard dimension == nil || dimension == headWidth else {
            throw file.error(
                .unsupported,
                file.subject(dimensionKey),
                expected: "\(headWidth), the width of a head",
                found: "\(dimension ?? 0)"
            )
        }
        let typeKey = "llama.rope.scaling.type"
        let scaling = try file.optionalText(typeKey) ?? "none"
        guard scaling == "none" else {
            throw file.error(
                .unsupported,
                file.subject(typeKey),
                expected: "\"none\"",
                found: quoted(scaling)
            )
        }
    }

    private mutating func readVocabulary(from file: GGUFFile) throws(ImportError) {
        let tokens = try file.texts("tokenizer.ggml.tokens")
        guard tokens.count > 0, tokens.count <= ImportLimits.vocabularyCount else {
            throw file.error(
                .limit,
                file.subject("tokenizer.ggml.tokens"),
                expected: "1 to \(ImportLimits.vocabularyCount) tokens",
                found: "\(tokens.count)"
            )
        }
        vocabularyCount = UInt32(tokens.count)
        let key = "llama.vocab_size"
        let stated = try file.optionalCount(key, limit: ImportLimits.vocabularyCount)
        guard stated == nil || stated == vocabularyCount else {
            throw file.error(
                .badFormat,
                file.subject(key),
                expected: "\(vocabularyCount), the number of tokens",
                found: "\(stated ?? 0)"
            )
        }
    }
}

private let knownKeys: Set<String> = [
    "llama.block_count", "llama.context_length", "llama.embedding_length",
    "llama.feed_forward_length", "llama.vocab_size",
    "llama.attention.head_count", "llama.attention.head_count_kv",
    "llama.attention.layer_norm_rms_epsilon", "llama.attention.key_length",
    "llama.attention.value_length", "llama.rope.dimension_count", "llama.rope.freq_base",
    "llama.rope.scaling.type",
]

private func checkKeys(of file: GGUFFile) throws(ImportError) {
    let unknown = file.metadata.keys.filter { $0.hasPrefix("llama.") && !knownKeys.contains($0) }
    guard let key = unknown.min() else { return }
    throw file.error(
        .unsupported,
        file.subject(key),
        expected: "a key that grmd knows how to follow",
        found: file.metadata[key]?.description ?? ""
    )
}
