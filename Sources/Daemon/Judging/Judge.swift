package import Inference
package import Scoring
package import Store

/// What the judging of requests needs to know of a model, beside its weights.
package struct Judge: Sendable {
    package let tokenizer: Tokenizer
    package let template: PromptTemplate
    package let markup: ChatMarkup
    /// Tokens that a prompt and its judgment may come to.
    package let contextTokens: Int
    /// The heads that the model brings.
    package let heads: Set<ScalarHead.Kind>
    /// How it judges where a request says nothing.
    package let defaults: ScoringDefaults
    /// Whether judgments are read by the model's own probe, for their meta scores.
    package var readsProbe = false

    /// Reads what a version says of itself; no weights.
    ///
    /// - Parameters:
    ///   - version: A version of the store.
    ///   - directory: The store.
    /// - Throws: `InferenceError`, `ScoringError` or `StoreError` for what cannot be used.
    package init(_ version: StoredVersion, in directory: StoreDirectory) throws {
        let manifest = version.manifest
        _ = try Architecture(named: manifest.architecture)
        let shape = try ModelShape(manifest.hyperparameters)
        let tokenizer = try DecoderWeights.tokenizer(of: version, in: directory)
        guard tokenizer.vocabularyCount == shape.vocabularyCount else {
            throw InferenceError(
                .invalidTokenizer,
                subject: "vocabulary",
                expected: "\(shape.vocabularyCount) tokens as the embedding",
                found: "\(tokenizer.vocabularyCount)"
            )
        }
        try Self.checkRoundTrip(tokenizer)
        self.tokenizer = tokenizer
        template =
            manifest.promptTemplate.isEmpty
            ? PromptTemplate.standard : try PromptTemplate(parsing: manifest.promptTemplate)
        markup = try ChatMarkup(named: manifest.chatFormat.name, tokenizer: tokenizer)
        contextTokens = shape.contextTokens
        defaults = try ScoringDefaults(manifest.generation)
        let names = Set(manifest.tensors.map(\.name))
        heads = Set(ScalarHead.Kind.allCases.filter { names.contains($0.weightName) })
    }

    private static func checkRoundTrip(_ tokenizer: Tokenizer) throws(InferenceError) {
        let text = "Scores: \\boxed{7, 10}\n1. Accuracy (weight 60%): él dijo «42».\n"
        let found = tokenizer.decode(tokenizer.encode(text))
        guard found == text else {
            throw InferenceError(
                .invalidTokenizer,
                subject: "round trip",
                expected: text,
                found: found
            )
        }
    }
}
