/// What a deployment uses for the fields that a request leaves unset.
package struct ScoringDefaults: Hashable, Sendable {
    /// The least number of judgments.
    package var kMin = 1
    /// The greatest number of judgments.
    ///
    /// Source: arXiv 2504.02495, Voting@8.
    package var kMax = 8
    /// The sampling temperature.
    ///
    /// Source: arXiv 2504.02495, section 4, for k > 1.
    package var temperature = 0.5
    /// The probability mass that sampling keeps.
    package var topP = 1.0
    /// Tokens that one prompt's judgment may generate before its last line.
    package var maxJudgmentTokens = 192
    /// How the responses are put before the judge.
    package var mode = JudgingMode.list
    /// How a score is read from the judge.
    package var readout = ScoreReadout.sampled
    /// When a run may stop early.
    package var stopping = StoppingRule.fixed
    /// The risk of the guaranteed rule, a probability.
    package var guaranteedRisk = 0.05
    /// The risk of the predictive rule, a probability.
    package var predictedRisk = 0.01
    /// Whether something gives judgments a meta score; without it the filters are refused.
    package var hasMetaRM = false
    /// The share of k_max that the meta-RM keeps.
    ///
    /// Source: arXiv 2504.02495, k_meta = k / 2.
    package var kMetaShare = 0.5
    /// The calibrated meta score below which judgments do not count; nil keeps the best share.
    package var metaThreshold: Double?

    /// Makes the defaults of a deployment that sets none itself.
    package init() {}
}
