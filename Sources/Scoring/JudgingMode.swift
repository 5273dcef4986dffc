/// How the responses are put before the judge.
package enum JudgingMode: String, Hashable, Sendable, CaseIterable {
    /// All responses in one prompt: principles, critique, one score each.
    case list
    /// Each response in its own prompt on the shared conversation.
    case isolated
    /// Which of two, read from the text.
    case pairwise
    /// Which of two, read from the probabilities of the verdict token.
    case tokenProbability = "token_probability"
    /// Mean log-probability of the response.
    case likelihood
    /// A scalar head only.
    case scalar
    /// A critique, then a scalar head.
    case semiScalar = "semi_scalar"

    /// The scores that a judgment can give a response; nil where they have no bound.
    package var scoreRange: ClosedRange<Double>? {
        switch self {
        case .list, .isolated: 1...10
        case .pairwise, .tokenProbability: 0...1
        case .likelihood, .scalar, .semiScalar: nil
        }
    }

    /// Whether the model reads the conversation and a response as they are, and is asked nothing.
    package var isChat: Bool { self == .likelihood || self == .scalar }

    /// Whether every pair of responses is compared.
    package var comparesPairs: Bool { self == .pairwise || self == .tokenProbability }

    /// Whether a vote on written values sums integers, as in equation 14.
    package var sumsIntegers: Bool { self == .list || self == .isolated }

    /// Whether samples can write a critique.
    package var writesCritique: Bool {
        switch self {
        case .list, .isolated, .pairwise, .semiScalar: true
        case .tokenProbability, .likelihood, .scalar: false
        }
    }

    /// Whether samples see the responses in orders that a reverse balances.
    var balancesOrders: Bool { self == .list || self == .pairwise }

    /// The read-out of ways that have no choice; nil where both are possible.
    var onlyReadout: ScoreReadout? {
        switch self {
        case .list, .isolated, .pairwise: nil
        case .tokenProbability, .likelihood, .scalar, .semiScalar: .expected
        }
    }

    /// Whether every judgment would be the same, so that one says all.
    ///
    /// `isDirect` is whether no critique is written.
    func isDeterministic(_ readout: ScoreReadout, isDirect: Bool) -> Bool {
        switch self {
        case .tokenProbability, .likelihood, .scalar: true
        case .isolated: readout == .expected && isDirect
        case .list, .pairwise, .semiScalar: false
        }
    }
}
