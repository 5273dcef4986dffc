package import Inference
import Synchronization

/// How fast a deployment works, from what its latest requests took.
///
/// What other requests take at the same time is in it, since all share every step.
package final class Pace: Sendable {
    /// Running means; nil before the first request.
    package struct Estimate: Hashable, Sendable {
        /// Seconds for one token of a prompt that had to be computed.
        package var promptTokenSeconds: Double?
        /// Seconds for one generated token, all samples of a request together.
        package var generatedTokenSeconds: Double?
        /// Seconds from one token of a sample to its next: the longest lately.
        package var stepSeconds: Double?
        /// Tokens that one sample generates.
        package var sampleTokens: Double?
        /// Seconds in which a second model reads one judgment.
        package var metaSeconds: Double?

        /// Seconds that `sampleCount` samples may take; nil where nothing is known.
        package func seconds(sampleCount: Int) -> Double? {
            guard let generatedTokenSeconds, let sampleTokens else { return nil }
            let meta = (metaSeconds ?? 0) * Double(sampleCount)
            return Double(sampleCount) * sampleTokens * generatedTokenSeconds + meta
        }
    }

    private let state = Mutex(Estimate())

    /// Knows nothing.
    package init() {}

    /// What is known.
    package var estimate: Estimate { state.withLock { $0 } }

    /// Takes note of a round.
    package func note(_ report: CompletionReport) {
        let longest = report.completions.map(\.tokens.count).max() ?? 0
        let samples = Double(report.completions.count)
        state.withLock { now in
            // Of few tokens the wait for a step would be all.
            if report.promptTokensComputed >= 64 {
                let seconds = report.prefillSeconds / Double(report.promptTokensComputed)
                Self.move(&now.promptTokenSeconds, to: seconds)
            }
            guard report.generatedTokens > 0, longest > 0 else { return }
            let generated = Double(report.generatedTokens)
            Self.move(&now.generatedTokenSeconds, to: report.decodeSeconds / generated)
            let step = report.decodeSeconds / Double(longest)
            now.stepSeconds = max(step, 0.9 * (now.stepSeconds ?? 0))
            Self.move(&now.sampleTokens, to: generated / samples)
        }
    }

    /// Takes note of judgments that a second model read.
    package func note(metaSeconds: Double, judgmentCount: Int) {
        guard judgmentCount > 0 else { return }
        state.withLock { Self.move(&$0.metaSeconds, to: metaSeconds / Double(judgmentCount)) }
    }

    /// The newest counts for a quarter: a change of load shows within a few requests.
    private static func move(_ mean: inout Double?, to value: Double) {
        mean = mean.map { $0 + (value - $0) / 4 } ?? value
    }
}
