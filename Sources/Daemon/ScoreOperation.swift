package import Inference
package import Scoring

/// One scoring request on one model: the loop that draws judgments until the run says stop.
///
/// The only place where the method and the engine meet. What it decides is in `ScoringRun`; what it
/// computes is in `Engine`.
package struct ScoreOperation: Sendable {
    /// What a request came to.
    package struct Outcome: Sendable {
        package let verdict: Verdict
        /// Every token of each judgment, by its index.
        package let tokens: [Int: [UInt32]]
        package let cost: Cost
    }

    /// What a request took; sums over its rounds.
    package struct Cost: Hashable, Sendable {
        package var promptTokens = 0
        package var promptTokensComputed = 0
        package var generatedTokens = 0
        package var queueSeconds = 0.0
        package var prefillSeconds = 0.0
        package var decodeSeconds = 0.0

        fileprivate mutating func add(_ report: CompletionReport) {
            promptTokens += report.promptTokens
            promptTokensComputed += report.promptTokensComputed
            generatedTokens += report.generatedTokens
            queueSeconds += report.queueSeconds
            prefillSeconds += report.prefillSeconds
            decodeSeconds += report.decodeSeconds
        }
    }

    private let request: ScoreRequest
    private let engine: Engine
    private let plan: PermutationPlan
    /// One prompt for each order of the plan.
    ///
    /// Shape: [orders][segments][tokens].
    package let prompts: [[[TokenID]]]
    private let generation: GenerationPlan

    /// Assembles the prompts as tokens: control tokens come from the template alone.
    ///
    /// - Throws: `InferenceError.contextOverflow` as soon as a prompt and a judgment are seen not to
    ///   fit the context, `CancellationError`.
    package init(
        _ request: ScoreRequest,
        engine: Engine,
        template: PromptTemplate,
        markup: ChatMarkup
    ) throws {
        self.request = request
        self.engine = engine
        plan = PermutationPlan(responseCount: request.responses.count, seed: request.seed)
        let line = template.scoreLine(responseCount: request.responses.count)
        var generation = Self.generation(line, request.maxJudgmentTokens, engine.tokenizer)
        generation.weighsChoices = request.readout == .expected
        self.generation = generation
        var encoding = PromptEncoding(
            tokenizer: engine.tokenizer,
            markup: markup,
            tokenCountMax: engine.shape.contextTokens - generation.tokenCountMax
        )
        // Orders that no sample sees are not encoded.
        prompts = try template.prompts(
            for: request,
            orders: Array(plan.orders.prefix(request.kMax))
        ).map { try encoding.segments(of: $0) }
    }

    private static func generation(
        _ line: ScoreLine,
        _ tokenCountMax: Int,
        _ tokenizer: Tokenizer
    ) -> GenerationPlan {
        let stops = line.beginnings.map { text in
            GenerationPlan.Stop(text, then: tokenizer.encode(line.opening(after: text)))
        }
        return GenerationPlan(
            free: .init(
                tokenCountMax: tokenCountMax,
                stops: stops,
                otherwise: tokenizer.encode("\n" + line.opening)
            ),
            choices: line.choices.map { $0.map(tokenizer.encode) }
        )
    }

    /// Tokens that the request can come to: every prompt once, every judgment at its budget.
    package var tokensMax: Int {
        let shared = prompts.first?.first?.count ?? 0
        let responses = prompts.reduce(0) { $0 + ($1.last?.count ?? 0) }
        return shared + responses + request.kMax * generation.tokenCountMax
    }

    /// Draws, records and counts.
    ///
    /// - Parameter onJudgment: Called with each judgment as it finishes, and its tokens.
    /// - Returns: The verdict, its tokens and its cost.
    /// - Throws: `ScoringError` where no verdict can be had, `InferenceError` for what the engine
    ///   refuses or a cancelled task.
    package func run(
        onJudgment: @escaping @Sendable (Judgment, [UInt32]) -> Void = { _, _ in }
    ) async throws -> Outcome {
        var run = ScoringRun(request)
        var tokens: [Int: [UInt32]] = [:]
        var cost = Cost()
        while case .draw(let samples) = run.nextStep() {
            let report = try await engine.complete(completionRequest(samples)) { completion in
                onJudgment(
                    judgment(completion, first: samples.lowerBound),
                    completion.tokens.map(\.rawValue)
                )
            }
            for completion in report.completions {
                tokens[samples.lowerBound + completion.sample] = completion.tokens.map(\.rawValue)
            }
            run.record(report.completions.map { judgment($0, first: samples.lowerBound) })
            cost.add(report)
        }
        return Outcome(verdict: try run.verdict(), tokens: tokens, cost: cost)
    }

    private func completionRequest(_ samples: Range<Int>) -> CompletionRequest {
        // Only the orders that these samples see.
        let orders = Array(Set(samples.map(plan.orderIndex(ofSample:)))).sorted()
        let places = Dictionary(uniqueKeysWithValues: orders.enumerated().map { ($1, $0) })
        let sampling = SamplingParameters(
            temperature: Float(request.temperature),
            topP: Float(request.topP)
        )
        return CompletionRequest(
            prompts: orders.map { prompts[$0] },
            samples: samples.map { sample in
                CompletionRequest.Sample(
                    prompt: places[plan.orderIndex(ofSample: sample)] ?? 0,
                    plan: generation,
                    sampling: sampling,
                    random: CounterRandom(seed: request.seed, sample: UInt64(sample))
                )
            }
        )
    }

    private func judgment(_ completion: Completion, first: Int) -> Judgment {
        let index = first + completion.sample
        let order = plan.order(ofSample: index)
        let generation = Judgment.Generation(
            text: completion.text,
            isTruncated: completion.isTruncated,
            tokenCount: completion.tokens.count,
            seconds: completion.seconds
        )
        return switch completion.outcome {
        case .finished:
            Judgment(
                index: index,
                order: order,
                parsing: generation,
                weights: request.readout == .expected ? completion.readings.choiceWeights : nil
            )
        case .badLogits:
            Judgment(index: index, order: order, failed: .badLogits, generation: generation)
        }
    }
}
