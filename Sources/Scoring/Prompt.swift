/// The prompt of the samples that see the responses in one order.
package struct Prompt: Hashable, Sendable {
    /// The part that does not depend on the responses: equal for all requests on one conversation
    /// (with the same reference and principles).
    package let shared: [PromptPiece]
    /// The responses in one order, the question, and the opening of the judge's turn.
    package let responses: [PromptPiece]
    /// Element p is the request's index of the response at position p.
    package let order: [Int]
}
