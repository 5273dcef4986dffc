/// Rule 1: bets against "the rival is not behind at k_max" until it cannot be believed.
///
/// The K differences d of the full run count as a fixed population, drawn in random order without
/// replacement. If their sum is at most 0, then after j - 1 draws the next one is at most
/// m = -D / (K - j + 1) in the mean, so the wealth of a bettor, the product of the factors
/// 1 + lambda (d - m), is a supermartingale whatever the scores are like. By Ville's inequality it
/// ever reaches 1 / alpha with probability at most alpha. With n responses and alpha = risk /
/// (n - 1), the early winner is not among the winners at k_max with probability at most the risk,
/// whenever one stops: of the other n - 1 responses each has one bet to win against a winner.
///
/// Source: METHOD "Stopping early", Rule 1; Waudby-Smith and Ramdas, arXiv 2006.04347.
struct GuaranteedRule {
    let span: Double
    /// K, the number of judgments in the full run.
    let kMax: Int
    let risk: Double

    /// Says whether every bet on the lead is won.
    func holds(_ lead: Lead) -> Bool {
        let stake = Double(lead.differences.count) / risk
        return lead.differences.allSatisfy { greatestWealth($0) >= stake }
    }

    /// The greatest wealth so far, from 1; infinite once the rival is out of reach.
    func greatestWealth(_ differences: [Double]) -> Double {
        var wealth = 1.0
        var greatest = 1.0
        var sum = 0.0
        var squares = Self.priorSquares * span * span
        for (drawn, difference) in differences.enumerated() {
            if isOutOfReach(sum, after: drawn) { return .infinity }
            let expected = -sum / Double(kMax - drawn)
            // What is known before the draw, with one imagined difference of 0.
            let mean = sum / Double(drawn + 1)
            let bet = self.bet(mean - expected, squares / Double(drawn + 1), span + expected)
            wealth *= 1 + bet * (difference - expected)
            greatest = max(greatest, wealth)
            squares += (difference - mean) * (difference - mean)
            sum += difference
        }
        return isOutOfReach(sum, after: differences.count) ? .infinity : greatest
    }

    private func isOutOfReach(_ sum: Double, after drawn: Int) -> Bool {
        ExactRule(span: span, remainingCount: kMax - drawn).isSettled(sum)
    }

    /// The bet that grows wealth fastest, approximately, and loses at most 0.8 of it.
    ///
    /// Where only a tie is still possible there is nothing to lose and nothing to bet on.
    private func bet(_ edge: Double, _ variance: Double, _ greatestLoss: Double) -> Double {
        guard edge > 0, greatestLoss > 1e-6 * span else { return 0 }
        return min(edge / (variance + edge * edge), Self.greatestShare / greatestLoss)
    }

    private static let greatestShare = 0.8
    /// The imagined difference has a square of 8 where scores are 1...10.
    static let priorSquares = 8.0 / 81
}
