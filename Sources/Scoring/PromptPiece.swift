/// A part of a prompt, in the order in which a tokenizer takes them.
package enum PromptPiece: Hashable, Sendable {
    /// The chat format's tokens that begin a turn.
    case turnStart(Role)
    /// The chat format's tokens that end a turn.
    case turnEnd
    /// Our own text: the template's wording, numbers and nonces.
    case template(String)
    /// Text that a caller sent: to be encoded as plain text, never as control tokens.
    case content(String)
}
