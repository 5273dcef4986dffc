import Inference
import Store

extension Hyperparameters {
    /// The shape of a decoder, out of the metadata of a GGUF file.
    ///
    /// A key of the architecture that is not known here would change the arithmetic without
    /// anybody noticing, so that such a file is refused.
    /// Throws: `badFormat`, `limit`, `unsupported`.
    init(_ file: GGUFFile, of architecture: Architecture) throws(ImportError) {
        self.init()
        let prefix = architecture.name + "."
        try checkKeys(of: file, prefix: prefix)
        layerCount = try file.count(prefix + "block_count", limit: ImportLimits.layerCount)
        width = try file.count(prefix + "embedding_length", limit: ImportLimits.width)
        feedForwardWidth = try file.count(
            prefix + "feed_forward_length",
            limit: ImportLimits.feedForwardWidth
        )
        contextTokens = try file.count(
            prefix + "context_length",
            limit: ImportLimits.contextTokens
        )
        try readHeads(from: file, prefix: prefix + "attention.")
        try checkRotary(in: file, prefix: prefix + "rope.")
        // What llama.cpp takes where a file does not say.
        ropeBase = try file.optionalNumber(prefix + "rope.freq_base", in: 1...1e12) ?? 10_000
        let epsilonKey = prefix + "attention.layer_norm_rms_epsilon"
        guard let epsilon = try file.optionalNumber(epsilonKey, in: 1e-12...0.1) else {
            throw file.error(
                .badFormat,
                file.subject(epsilonKey),
                expected: "the key",
                found: "a file without it"
            )
        }
        normEpsilon = epsilon
        try readVocabulary(from: file, sizeKey: prefix + "vocab_size")
        tiedEmbeddings = !file.tensors.contains { $0.name == "output.weight" }
    }

    private mutating func readHeads(from file: GGUFFile, prefix: String) throws(ImportError) {
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

    private func checkRotary(in file: GGUFFile, prefix: String) throws(ImportError) {
        let dimensionKey = prefix + "dimension_count"
        let dimension = try file.optionalCount(dimensionKey, limit: ImportLimits.headWidth)
        guard dimension == nil || dimension == headWidth else {
            throw file.error(
                .unsupported,
                file.subject(dimensionKey),
                expected: "\(headWidth), the width of a head",
                found: "\(dimension ?? 0)"
            )
        }
        let typeKey = prefix + "scaling.type"
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

    private mutating func readVocabulary(
        from file: GGUFFile,
        sizeKey key: String
    ) throws(ImportError) {
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

/// The keys that are followed, less the name of the architecture in front.
private let knownKeys: Set<String> = [
    "block_count", "context_length", "embedding_length", "feed_forward_length", "vocab_size",
    "attention.head_count", "attention.head_count_kv", "attention.layer_norm_rms_epsilon",
    "attention.key_length", "attention.value_length", "rope.dimension_count", "rope.freq_base",
    "rope.scaling.type",
]

private func checkKeys(of file: GGUFFile, prefix: String) throws(ImportError) {
    let unknown = file.metadata.keys.filter {
        $0.hasPrefix(prefix) && !knownKeys.contains(String($0.dropFirst(prefix.count)))
    }
    guard let key = unknown.min() else { return }
    throw file.error(
        .unsupported,
        file.subject(key),
        expected: "a key that grmd knows how to follow",
        found: file.metadata[key]?.description ?? ""
    )
}
