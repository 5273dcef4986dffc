package import Scoring
import SwiftProtobuf

extension Grm_V1_RewardHealth {
    /// The counts as a status reply carries them: a bin for each k that occurred, and all tenths
    /// once there is a meta score.
    package init(_ health: RewardHealth) {
        self.init()
        decisions = UInt64(health.decisions)
        ties = UInt64(health.ties)
        if let effect = health.positionEffect { positionEffect = effect }
        positionPairs = UInt64(health.positionPairs)
        scores = UInt64(health.scores)
        scoresHigh = UInt64(health.highScores)
        judgments = UInt64(health.judgments)
        judgmentsUnparsable = UInt64(health.unparsable)
        judgmentsTruncated = UInt64(health.truncated)
        kHistogram = health.drawn.sorted { $0.key < $1.key }.map { drawn in
            .with {
                $0.least = Double(drawn.key)
                $0.count = UInt64(drawn.value)
            }
        }
        judgmentsSaved = UInt64(health.judgmentsSaved)
        tokensSaved = UInt64(health.tokensSaved)
        principleHits = UInt64(health.principleHits)
        principleMisses = UInt64(health.principleMisses)
        if health.metaTenths.contains(where: { $0 > 0 }) {
            metaHistogram = health.metaTenths.enumerated().map { tenth, count in
                .with {
                    $0.least = Double(tenth) / 10
                    $0.count = UInt64(count)
                }
            }
        }
        flags = ResponseFlag.allCases.compactMap { flag in
            guard let count = health.flags[flag] else { return nil }
            return .with {
                $0.flag = Grm_V1_ResponseFlag(flag)
                $0.count = UInt64(count)
            }
        }
    }
}

extension Grm_V1_ResponseFlag {
    init(_ flag: ResponseFlag) {
        self =
            switch flag {
            case .empty: .empty
            case .duplicate: .duplicate
            case .degenerate: .degenerate
            case .suspicious: .suspicious
            }
    }
}
