/// A piece of work for the engine: prompts, and the samples that continue them.
package struct CompletionRequest: Sendable {
    /// Each prompt as segments, cut where other prompts are likely to share the beginning.
    package var prompts: [[[TokenID]]]
    package var samples: [Sample]

    /// One continuation of one prompt.
    package struct Sample: Sendable {
        /// Index of the prompt that it continues.
        package var prompt: Int
        package var plan: GenerationPlan
        package var sampling: SamplingParameters
        /// The numbers that this sample draws.
        package var random: CounterRandom

        package init(
            prompt: Int, plan: GenerationPlan, sampling: SamplingParameters, random: CounterRandom
        ) {
            self.prompt = prompt
            self.plan = plan
            self.sampling = sampling
            self.random = random
        }
    }

    package init(prompts: [[[TokenID]]], samples: [Sample]) {
        self.prompts = prompts
        self.samples = samples
    }
}

/// What became of one sample.
package struct Completion: Sendable {
    package enum Outcome: Hashable, Sendable {
        case finished
        /// Not-a-number or infinite logits.
        case badLogits
    }

    /// Place in the request's list of samples.
    package var sample: Int
    package var outcome: Outcome
    /// Every token after the prompt, and their text.
    package var tokens: [TokenID]
    package var text: String
    /// The free text ended since its budget was used up.
    package var isTruncated: Bool
    /// From the request's start in the engine to this sample's end.
    package var seconds: Double
}

/// What a request took.
package struct CompletionReport: Sendable {
    /// In the order of the request's samples.
    package var completions: [Completion]
    /// Tokens of the distinct prompts, and those of them that were computed for this request.
    package var promptTokens: Int
    package var promptTokensComputed: Int
    package var generatedTokens: Int
    /// Waiting for room; until the last prompt was complete; from then on.
    package var queueSeconds: Double
    package var prefillSeconds: Double
    package var decodeSeconds: Double
}

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
        return sum
    }
}
