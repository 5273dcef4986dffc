/// What the model reads before a judgment.
package struct Prompt: Hashable, Sendable {
    /// The pieces, cut where other prompts are likely to have the same beginning.
    ///
    /// The conversation first, then the reference and the principles, then the responses; none is
    /// empty.
    ///
    /// Shape: [segments][pieces]
    package let segments: [[PromptPiece]]
    /// The responses that it shows.
    package let shown: PromptCase

    /// Everything, in order.
    package var pieces: [PromptPiece] { segments.flatMap(\.self) }
}
