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

        /// Makes a sample of a prompt, by the prompt's index.
        package init(
            prompt: Int,
            plan: GenerationPlan,
            sampling: SamplingParameters,
            random: CounterRandom
        ) {
            self.prompt = prompt
            self.plan = plan
            self.sampling = sampling
            self.random = random
        }
    }

    /// Makes a request; every prompt has a segment, no segment is empty.
    package init(prompts: [[[TokenID]]], samples: [Sample]) {
        self.prompts = prompts
        self.samples = samples
    }
}
