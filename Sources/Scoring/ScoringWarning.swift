/// Something about a verdict that its caller should know.
package enum ScoringWarning: Hashable, Sendable {
    /// Fewer judgments were counted than asked for.
    case judgmentsLost(counted: Int, asked: Int)
    /// Some judgments ran out of tokens before their score line.
    case judgmentsTruncated(count: Int)
    /// One order was shown without its reverse.
    case orderUnbalanced(drawn: Int)

    /// One line that says what happened.
    package var detail: String {
        switch self {
        case .judgmentsLost(let counted, let asked):
            "\(counted) of \(asked) judgments counted"
        case .judgmentsTruncated(let count):
            "\(count) judgments reached max_judgment_tokens before their score line"
        case .orderUnbalanced(let drawn):
            "\(drawn) judgments: one order was shown without its reverse; an even k_max balances it"
        }
    }
}
