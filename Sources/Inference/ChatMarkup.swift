/// How a model marks the turns of a conversation, in its own control tokens.
package struct ChatMarkup: Sendable {
    private let start: TokenID
    /// The token that ends a turn.
    package let end: TokenID
    private let lineEnd: [TokenID]
    private let tokenizer: Tokenizer

    /// The markup that a version names.
    ///
    /// Known: "chatml".
    ///
    /// - Throws: `InferenceError.invalidModel` for another name or if the tokens are missing.
    package init(named name: String, tokenizer: Tokenizer) throws(InferenceError) {
        guard name == "chatml" else {
            throw InferenceError(
                .invalidModel,
                subject: "chat format",
                expected: "chatml",
                found: name
            )
        }
        guard let start = tokenizer.controlToken("<|im_start|>"),
            let end = tokenizer.controlToken("<|im_end|>")
        else {
            throw InferenceError(
                .invalidModel,
                subject: "chat format chatml",
                expected: "control tokens <|im_start|> and <|im_end|>",
                found: "not both"
            )
        }
        self.start = start
        self.end = end
        self.tokenizer = tokenizer
        lineEnd = tokenizer.encode("\n")
    }

    /// What opens a turn.
    package func turnStart(role: String) -> [TokenID] { [start] + tokenizer.encode(role + "\n") }

    /// What closes a turn.
    package var turnEnd: [TokenID] { [end] + lineEnd }
}
