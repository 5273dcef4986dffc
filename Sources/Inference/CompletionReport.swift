/// What a request took.
package struct CompletionReport: Sendable {
    /// In the order of the request's samples.
    package var completions: [Completion]
    /// Tokens of the distinct prompts, and those of them that were computed for this request.
    package var promptTokens: Int
    package var promptTokensComputed: Int
    package var generatedTokens: Int
    /// Waiting for room; until the last prompt was complete; from then on.
    package var queueSeconds: Double
    package var prefillSeconds: Double
    package var decodeSeconds: Double
}
