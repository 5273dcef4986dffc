import Inference
package import Scoring

/// Has the judge write sets of criteria for a conversation, without having seen a response.
package struct CriteriaWriting: Sendable {
    /// How many sets are written for a question that has none: one for each pair of judgments of
    /// the default k.
    static let setCountMax = 4
    /// Two to four lines take some eighty tokens.
    static let tokenCountMax = 160
    /// What a set has at most.
    private static let principleCountMax = 8

    private let engine: Engine
    private let completion: CompletionRequest

    /// Assembles the prompt.
    ///
    /// - Throws: `ScoringError.notSupported` if the template has no words for it,
    ///   `InferenceError.contextOverflow`, `CancellationError`.
    init(_ request: ScoreRequest, on deployment: Deployment) throws {
        let judge = deployment.judge
        let shown = PromptCase(.criteria, order: [])
        try judge.template.check(shown)
        let prompt = judge.template.prompt(for: request, shown, principles: [])
        var encoding = PromptEncoding(tokenizer: judge.tokenizer, markup: judge.markup)
        let segments = try encoding.tokens(
            of: prompt.segments,
            tokenCountMax: judge.contextTokens - Self.tokenCountMax
        )
        // Without temperature all sets would be the same.
        let pairs = (request.kMax + 1) / 2
        let count = request.temperature == 0 ? 1 : min(Self.setCountMax, pairs)
        // A judge that goes on to judge has nothing to judge yet.
        let stop = GenerationPlan.Stop("Analysis", then: [])
        let plan = GenerationPlan(
            free: .init(tokenCountMax: Self.tokenCountMax, stops: [stop], otherwise: [])
        )
        let sampling = SamplingParameters(
            temperature: Float(request.temperature),
            topP: Float(request.topP)
        )
        engine = deployment.engine
        completion = CompletionRequest(
            prompts: [segments],
            samples: (0..<count).map { sample in
                .init(
                    prompt: 0,
                    plan: plan,
                    sampling: sampling,
                    random: CounterRandom(seed: request.seed ^ Self.salt, sample: UInt64(sample))
                )
            }
        )
    }

    /// Tokens that it can come to.
    var tokensMax: Int {
        completion.prompts.joined().reduce(0) { $0 + $1.count }
            + completion.samples.reduce(0) { $0 + $1.plan.tokenCountMax }
    }

    /// Writes the sets; those without a criterion are left out.
    ///
    /// - Returns: The sets, and what they took.
    func write() async throws -> (sets: [[Principle]], report: CompletionReport) {
        let report = try await engine.complete(completion)
        let sets = report.completions.filter { $0.outcome == .finished }.compactMap { done in
            Self.usable(Critique.principles(in: done.text), isTruncated: done.isTruncated)
        }
        return (sets, report)
    }

    /// Criteria that can be kept: few, each whole, all weighted or none.
    ///
    /// - Parameters:
    ///   - principles: As they were read.
    ///   - isTruncated: Whether the text was cut, so that the last one may not be whole.
    /// - Returns: nil if none is left.
    package static func usable(_ principles: [Principle], isTruncated: Bool) -> [Principle]? {
        let whole = isTruncated ? principles.dropLast() : principles[...]
        let kept = Array(whole.prefix(principleCountMax))
        guard !kept.isEmpty else { return nil }
        guard kept.allSatisfy({ ($0.weight ?? 0) > 0 }) else {
            return kept.map { Principle(text: $0.text) }
        }
        return kept
    }

    /// Keeps these numbers apart from those of judgments.
    private static let salt: UInt64 = 0x6372_6974_6572_6961
}
