package import Kernels

/// Tokens of one sequence that stand one after the other: where they stand, where their keys and
/// values go, and what they see.
package struct DecoderRun {
    package let tokens: [TokenID]
    /// Position of the first token in its sequence, from 0.
    package let position: Int
    /// What every token of the run sees first, in order of position.
    package let shared: [KeyValuePiece]
    /// Where the keys and values of the tokens are kept; its earlier tokens are seen too.
    package let block: KeyValueBlock
    /// The place of the first token in the block.
    package let place: Int

    /// Makes a run of at least one token.
    package init(
        tokens: [TokenID],
        position: Int,
        shared: [KeyValuePiece],
        block: KeyValueBlock,
        place: Int
    ) {
        precondition(!tokens.isEmpty)
        self.tokens = tokens
        self.position = position
        self.shared = shared
        self.block = block
        self.place = place
    }
}
