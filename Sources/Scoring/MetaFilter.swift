/// Which judgments the meta score lets into the vote.
///
/// With both limits the best `keptCount` of those at or above the threshold count.
///
/// Source: arXiv 2504.02495, section 4 (meta-RM guided voting) for the best k_meta; the threshold
/// is ours, and leaves the judgments exchangeable, which the best k_meta does not.
package struct MetaFilter: Hashable, Sendable {
    /// How many judgments count, best first; nil for all.
    package var keptCount: Int?
    /// The least meta score of a judgment that counts; nil for any.
    package var threshold: Double?

    /// Makes a filter; without limits it lets every judgment through.
    package init(keptCount: Int? = nil, threshold: Double? = nil) {
        precondition(keptCount ?? 1 >= 1, "a vote needs a judgment")
        self.keptCount = keptCount
        self.threshold = threshold
    }

    /// Whether judgments need a meta score at all.
    package var isActive: Bool { keptCount != nil || threshold != nil }

    /// Says whether a ballot can count beside others: it has scores and a good enough meta score.
    func admits(_ ballot: Ballot) -> Bool {
        guard ballot.scores != nil else { return false }
        guard isActive else { return true }
        guard let metaScore = ballot.metaScore, !metaScore.isNaN else { return false }
        return metaScore >= threshold ?? -.infinity
    }

    /// The ballots that can count, best meta score first and equal ones in seed order.
    func ranked(_ ballots: [Ballot]) -> [Ballot] {
        ballots.filter(admits).sorted { first, second in
            let (a, b) = (first.metaScore ?? 0, second.metaScore ?? 0)
            return a != b ? a > b : first.index < second.index
        }
    }

    /// The ballots that count, in seed order.
    func kept(_ ballots: [Ballot]) -> [Ballot] {
        let admitted =
            if let keptCount { Array(ranked(ballots).prefix(keptCount)) } else {
                ballots.filter(admits)
            }
        return admitted.sorted { $0.index < $1.index }
    }
}
