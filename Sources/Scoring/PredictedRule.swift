/// Rule 2: the probability that the rest of the draws takes the lead away, under a normal model.
///
/// The remaining sum is normal with the mean and variance that the t differences seen predict,
/// shrunk toward 0 and toward a prior variance, so that a few equal scores do not look certain. It
/// holds as far as the model does: the rule is asked after every pair, and only a mean that is
/// not believed too soon keeps the risk that is asked for.
///
/// Source: METHOD "Stopping early", Rule 2, which imagines one judgment without a difference where
/// this imagines four (the documentation's PriorOfThePredictedRule).
struct PredictedRule {
    /// The greatest difference of two scores, or what stands for it where there is none.
    let span: Double
    /// Judgments that are still to come, at least 1.
    let remainingCount: Int

    /// The probability that the leader loses its lead to any rival, by adding up over them; at
    /// least two judgments are needed.
    func flipProbability(_ lead: Lead) -> Double {
        min(1, lead.differences.reduce(0) { $0 + flipProbability($1) })
    }

    /// Says whether each rival's share of the risk is kept.
    func holds(_ lead: Lead, risk: Double) -> Bool {
        let share = risk / Double(lead.differences.count)
        return lead.differences.allSatisfy { flipProbability($0) <= share }
    }

    private func flipProbability(_ differences: [Double]) -> Double {
        let seen = Double(differences.count)
        let remaining = Double(remainingCount)
        let sum = differences.reduce(0, +)
        let squares = differences.reduce(0) {
            $0 + ($1 - sum / seen) * ($1 - sum / seen)
        }
        let variance = (squares + GuaranteedRule.priorSquares * span * span) / (seen + 1)
        let weight = seen + Self.imaginedCount
        let mean = sum / weight
        let deviation = (variance * (remaining + remaining * remaining / weight)).squareRoot()
        guard deviation > 0 else { return sum > 0 ? 0 : 1 }
        return NormalDistribution.upperTail((sum + remaining * mean) / deviation)
    }

    /// How many judgments without a difference the mean is shrunk by.
    private static let imaginedCount = 4.0
}
