/// How the responses are put before the judge.
package enum JudgingMode: String, Hashable, Sendable, CaseIterable {
    /// All responses in one prompt: principles, critique, one score each.
    case list
    /// Each response in its own prompt on the shared conversation.
    case isolated
    /// Which of two, read from the text.
    case pairwise
    /// Which of two, read from the probabilities of the verdict token.
    case tokenProbability
    /// Mean log-probability of the response.
    case likelihood
    /// A scalar head only.
    case scalar
    /// A critique, then a scalar head.
    case semiScalar

    /// The scores that a judgment can give a response; nil where they have no bound.
    package var scoreRange: ClosedRange<Double>? {
        switch self {
        case .list, .isolated: 1...10
        case .pairwise, .tokenProbability: 0...1
        case .likelihood, .scalar, .semiScalar: nil
        }
    }
}
