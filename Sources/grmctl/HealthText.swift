import SwiftProtobuf
import Wire

/// Reward health as rows for people: counts with their shares, histograms as bars.
struct HealthText {
    let health: Grm_V1_RewardHealth

    /// The rows; empty before the first verdict.
    var rows: [(String, String)] {
        guard !health.kHistogram.isEmpty else { return [] }
        var rows = [
            ("ties", share(health.ties, of: health.decisions, "decisions")),
            ("position effect", position),
            ("scores of 9 or 10", share(health.scoresHigh, of: health.scores, "scores")),
            ("unparsable", share(health.judgmentsUnparsable, of: health.judgments, "judgments")),
            ("truncated", share(health.judgmentsTruncated, of: health.judgments, "judgments")),
            ("judgments a request", bars(health.kHistogram.grouped, places: 0)),
            (
                "saved by stopping",
                share(health.judgmentsSaved, of: wanted, "judgments")
                    + ", about \(Figures.count(health.tokensSaved)) tokens"
            ),
        ]
        let looked = health.principleHits + health.principleMisses
        if looked > 0 {
            rows.append(("kept principles", share(health.principleHits, of: looked, "judgments")))
        }
        if !health.metaHistogram.isEmpty {
            rows.append(("meta scores", bars(health.metaHistogram, places: 1)))
        }
        if !health.flags.isEmpty {
            rows.append(
                ("flagged", health.flags.map { "\($0.count) \($0.flag)" }.joined(separator: ", "))
            )
        }
        return rows
    }

    private var wanted: UInt64 { health.judgments + health.judgmentsSaved }

    private var position: String {
        guard health.hasPositionEffect else { return "unknown before the first pair of orders" }
        let sign = health.positionEffect > 0 ? "+" : ""
        let effect = sign + Figures.decimal(health.positionEffect, places: 2)
        return "\(effect) for the earlier place, over \(health.positionPairs) pairs of judgments"
    }

    private func share(_ part: UInt64, of whole: UInt64, _ things: String) -> String {
        let counts = "\(part) of \(whole) \(things)"
        guard whole > 0 else { return counts }
        return counts + " (\(Figures.decimal(100 * Double(part) / Double(whole), places: 1))%)"
    }

    private func bars(_ bins: [Grm_V1_Bin], places: Int) -> String {
        let greatest = bins.map(\.count).max() ?? 0
        return bins.map { bin in
            "\(Figures.decimal(bin.least, places: places)) \(bar(bin.count, of: greatest)) \(bin.count)"
        }.joined(separator: "  ")
    }

    /// One of eight heights; nothing only for a count of 0.
    private func bar(_ count: UInt64, of greatest: UInt64) -> String {
        let heights = Array("▁▂▃▄▅▆▇█")
        guard count > 0, greatest > 0 else { return "." }
        let height = (Double(count) / Double(greatest) * Double(heights.count)).rounded(.up)
        return String(heights[min(max(Int(height), 1), heights.count) - 1])
    }
}

extension [Grm_V1_Bin] {
    /// The bins as they are, or by powers of two where they are too many for a line.
    fileprivate var grouped: [Grm_V1_Bin] {
        guard count > 8 else { return self }
        var sums: [Int: UInt64] = [:]
        for bin in self { sums[Int(Swift.max(bin.least, 1).exponent), default: 0] += bin.count }
        return sums.sorted { $0.key < $1.key }.map { power, sum in
            .with {
                $0.least = Double(1 << power)
                $0.count = sum
            }
        }
    }
}
