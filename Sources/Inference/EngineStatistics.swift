/// Counters of an engine since its start, and what it holds now.
package struct EngineStatistics: Hashable, Sendable {
    package var steps = 0
    package var promptTokensComputed = 0
    package var generatedTokens = 0
    /// Samples that were freed before their end.
    package var samplesCancelled = 0
    package var badLogits = 0
    package var samplesRunning = 0
    package var samplesWaiting = 0
    /// Bytes of keys and values reserved by prompts and running samples.
    package var keyValueBytes = 0
    /// Those of them that running requests reserve for their samples.
    package var sampleBytes = 0

    /// Starts every counter at zero.
    package init() {}

    /// Sums the counters of two engines.
    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.steps += right.steps
        sum.promptTokensComputed += right.promptTokensComputed
        sum.generatedTokens += right.generatedTokens
        sum.samplesCancelled += right.samplesCancelled
        sum.badLogits += right.badLogits
        sum.samplesRunning += right.samplesRunning
        sum.samplesWaiting += right.samplesWaiting
        sum.keyValueBytes += right.keyValueBytes
        sum.sampleBytes += right.sampleBytes
        return sum
    }
}
