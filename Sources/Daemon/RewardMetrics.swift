package import CoreMetrics
package import Scoring

/// Reward health as counters of swift-metrics, which go to the backend of the program that runs the
/// daemon; grmd has none, and shows the same counts in its status.
package struct RewardMetrics: Sendable {
    /// What is counted, by the end of its name.
    private static let counts: [(String, @Sendable (RewardHealth) -> Int)] = [
        ("decisions", { $0.decisions }), ("ties", { $0.ties }),
        ("position_pairs", { $0.positionPairs }), ("scores", { $0.scores }),
        ("scores_high", { $0.highScores }), ("judgments", { $0.judgments }),
        ("judgments_unparsable", { $0.unparsable }), ("judgments_truncated", { $0.truncated }),
        ("judgments_saved", { $0.judgmentsSaved }), ("tokens_saved", { $0.tokensSaved }),
        ("principle_hits", { $0.principleHits }), ("principle_misses", { $0.principleMisses }),
        ("responses_flagged", { $0.flags.values.reduce(0, +) }),
    ]

    private let counters: [Counter]

    /// Makes the counters of a judge.
    ///
    /// - Parameters:
    ///   - judge: The name of its version, which becomes a dimension.
    ///   - factory: The backend; nil takes the program's.
    package init(judge: String, factory: (any MetricsFactory)? = nil) {
        counters = Self.counts.map { name, _ in
            Counter(
                label: "grm_reward_\(name)",
                dimensions: [("judge", judge)],
                factory: factory ?? MetricsSystem.factory
            )
        }
    }

    /// Adds what a verdict changed.
    package func add(from old: RewardHealth, to new: RewardHealth) {
        for ((_, count), counter) in zip(Self.counts, counters) {
            let difference = count(new) - count(old)
            if difference > 0 { counter.increment(by: difference) }
        }
    }
}
