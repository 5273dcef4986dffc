/// Rule 0: no completion of the remaining draws takes the lead away.
///
/// Where it holds, the leader has strictly the greatest total in every completion, among them
/// those in which some or all of the remaining judgments do not count.
///
/// Source: METHOD "Stopping early", Rule 0.
struct ExactRule {
    /// The greatest difference of two scores in one judgment.
    let span: Double
    /// Judgments that are still to come.
    let remainingCount: Int

    /// Says whether the lead is out of reach for every rival.
    func holds(_ lead: Lead) -> Bool { lead.differences.allSatisfy(isSettled) }

    /// Says whether the sum of some differences cannot be made up.
    func isSettled(_ differences: [Double]) -> Bool { isSettled(differences.reduce(0, +)) }

    /// Says whether a sum of differences cannot be made up.
    func isSettled(_ sum: Double) -> Bool { sum > span * Double(remainingCount) + slack }

    /// Says the same where only the best `keptCount` of all judgments count.
    ///
    /// Any number of those to come may push out the worst of those that are here.
    ///
    /// - Parameters:
    ///   - lead: Its judgments can count and stand best meta score first.
    ///   - keptCount: k_meta.
    /// - Returns: Whether the lead is out of reach for every rival.
    func holds(_ lead: Lead, keptCount: Int) -> Bool {
        lead.differences.allSatisfy { differences in
            var sums = [0.0]
            for difference in differences { sums.append(sums[sums.count - 1] + difference) }
            return (0...min(remainingCount, keptCount)).allSatisfy { entering in
                let staying = min(differences.count, keptCount - entering)
                return sums[staying] > span * Double(entering) + slack
            }
        }
    }

    /// Keeps the rounding of sums of fractional scores on the safe side; whole ones have none.
    private var slack: Double { 1e-6 * span }
}
