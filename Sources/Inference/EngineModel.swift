/// What an engine needs of a model.
package struct EngineModel: Sendable {
    package let weights: DecoderWeights
    package let shape: ModelShape
    package let tokenizer: Tokenizer

    /// Puts weights and a tokenizer together.
    ///
    /// - Throws: `InferenceError.invalidModel` if the tokenizer has tokens that the model has not.
    package init(
        weights: DecoderWeights,
        shape: ModelShape,
        tokenizer: Tokenizer
    ) throws(InferenceError) {
        guard tokenizer.vocabularyCount <= shape.vocabularyCount else {
            throw InferenceError(
                .invalidModel,
                subject: "vocabulary of the tokenizer",
                expected: "at most \(shape.vocabularyCount) tokens, as the embedding has",
                found: "\(tokenizer.vocabularyCount)"
            )
        }
        self.weights = weights
        self.shape = shape
        self.tokenizer = tokenizer
    }

    /// The heads that the model brings.
    package var heads: Set<ScalarHead.Kind> { Set(weights.heads.keys) }
}
