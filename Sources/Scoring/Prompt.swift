/// What the model reads before a judgment.
package struct Prompt: Hashable, Sendable {
    /// Cut where other prompts are likely to have the same beginning: the conversation first, then
    /// the reference and the principles, then the responses. None is empty.
    ///
    /// Shape: [segments][pieces]
    package let segments: [[PromptPiece]]
    /// The responses that it shows.
    package let shown: PromptCase

    /// Everything, in order.
    package var pieces: [PromptPiece] { segments.flatMap(\.self) }
}
