/// Something about a verdict that its caller should know.
package enum ScoringWarning: Hashable, Sendable {
    /// Fewer judgments were counted than asked for.
    case judgmentsLost(counted: Int, asked: Int)
    /// Some judgments ran out of tokens before their score line.
    case judgmentsTruncated(count: Int)
    /// One order was shown without its reverse.
    case orderUnbalanced(drawn: Int)
    /// One judgment decides, so that the meta-RM scores alone.
    ///
    /// Source: arXiv 2504.02495: RMB 69.7 with k_meta = k / 2, 65.2 with 1.
    case kMetaOne
    /// Rules 1 and 2 do not hold for the best k_meta; the exact one was used.
    case stoppingExactOnly
    /// Kept principles could not be used, so the judge wrote its own.
    case principleCacheOff(String)

    /// One line that says what happened.
    package var detail: String {
        switch self {
        case .judgmentsLost(let counted, let asked):
            "\(counted) of \(asked) judgments counted"
        case .judgmentsTruncated(let count):
            "\(count) judgments reached max_judgment_tokens before their score line"
        case .orderUnbalanced(let drawn):
            "\(drawn) judgments: one order was shown without its reverse; an even k_max balances it"
        case .kMetaOne:
            "k_meta = 1 turns the judge into a scalar reward model; k_max / 2 keeps a vote"
        case .stoppingExactOnly:
            "the best k_meta can only be stopped exactly; a meta_threshold keeps the other rules"
        case .principleCacheOff(let cause):
            "the judge wrote its own principles: \(cause)"
        }
    }
}
