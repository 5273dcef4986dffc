import Inference
package import Scoring

/// One scoring request on one deployment: the loop that draws judgments until the run says stop.
///
/// The only place where the method and the engine meet. What it decides is in `ScoringRun`, what is
/// shown in `JudgingPrompts`; what it computes is in `Engine`.
package struct ScoreOperation: Sendable {
    /// What a request came to.
    package struct Outcome: Sendable {
        package var verdict: Verdict
        /// Every token of each judgment, by its index; one list for each of its parts.
        package let tokens: [Int: [[UInt32]]]
        package var cost: Cost
    }

    /// What a request took; sums over its rounds.
    package struct Cost: Hashable, Sendable {
        package var promptTokens = 0
        package var promptTokensComputed = 0
        package var generatedTokens = 0
        package var metaTokens = 0
        package var queueSeconds = 0.0
        package var prefillSeconds = 0.0
        package var decodeSeconds = 0.0
        package var metaSeconds = 0.0

        /// Nothing yet.
        package init() {}

        init(_ report: CompletionReport) { add(report) }

        mutating func add(_ other: Cost) {
            promptTokens += other.promptTokens
            promptTokensComputed += other.promptTokensComputed
            generatedTokens += other.generatedTokens
            metaTokens += other.metaTokens
            queueSeconds += other.queueSeconds
            prefillSeconds += other.prefillSeconds
            decodeSeconds += other.decodeSeconds
            metaSeconds += other.metaSeconds
        }

        private mutating func add(_ report: CompletionReport) {
            promptTokens += report.promptTokens
            promptTokensComputed += report.promptTokensComputed
            generatedTokens += report.generatedTokens
            queueSeconds += report.queueSeconds
            prefillSeconds += report.prefillSeconds
            decodeSeconds += report.decodeSeconds
        }
    }

    /// The prompts, and what samples add to them.
    package let prompts: JudgingPrompts
    let request: ScoreRequest
    let deployment: Deployment
    let way: JudgingPlan
    let kept: KeptPrinciples
    let metaScoring: MetaScoring?

    /// Assembles the prompts of a request.
    ///
    /// - Parameters:
    ///   - request: What to judge.
    ///   - deployment: What judges it.
    ///   - kept: The kept principles by which samples are judged.
    /// - Throws: `ScoringError.notSupported` where the deployment cannot judge this way,
    ///   `InferenceError.contextOverflow`, `CancellationError`.
    package init(
        _ request: ScoreRequest,
        deployment: Deployment,
        kept: KeptPrinciples = .none
    ) throws {
        self.request = request
        self.deployment = deployment
        self.kept = kept
        way = JudgingPlan(request)
        prompts = try JudgingPrompts(request, way: way, kept: kept, judge: deployment.judge)
        metaScoring =
            request.mode.isChat
            ? nil : try MetaScoring(request, on: deployment, cases: way.cases)
    }

    /// Tokens that the request can come to: every prompt once, every judgment at its budget.
    package var tokensMax: Int { prompts.tokensMax(sampleCount: request.kMax) }

    /// Draws, records and counts.
    ///
    /// - Parameters:
    ///   - allowance: What time and load allow.
    ///   - onJudgment: Called with each judgment as it is known, and its tokens.
    /// - Returns: The verdict, its tokens and its cost.
    /// - Throws: `ScoringError` where no verdict can be had, `DaemonError.deadline` if no judgment
    ///   came in time, `InferenceError` for what the engine refuses or a cancelled task.
    package func run(
        _ allowance: Allowance = .all,
        onJudgment: @escaping @Sendable (Judgment, [[UInt32]]) -> Void = { _, _ in }
    ) async throws -> Outcome {
        var run = ScoringRun(request)
        var tokens: [Int: [[UInt32]]] = [:]
        var cost = Cost()
        while true {
            run.limit(to: await allowance.limit(request.kMin, request.kMax))
            let hasDrawn = !run.judgments.isEmpty
            let count = affordableCount(allowance, hasDrawn: hasDrawn)
            if hasDrawn, count < 1 { run.interrupt(.deadline) }
            guard case .draw(let samples) = run.nextStep(most: max(count, 1)) else { break }
            let round = try await JudgmentRound(samples, of: self)
                .draw(allowance, needsOne: !hasDrawn, onJudgment: onJudgment)
            run.record(round.judgments)
            tokens.merge(round.tokens) { first, _ in first }
            cost.add(round.cost)
            guard round.isHurried else { continue }
            guard !run.judgments.isEmpty else { throw DaemonError.deadlinePassed }
            run.interrupt(.deadline)
        }
        // Rounds see the same prompts again.
        cost.promptTokens = prompts.promptTokens(ofSamples: 0..<run.judgments.count)
        return Outcome(verdict: try run.verdict(), tokens: tokens, cost: cost)
    }

    /// How many more judgments there is time for, by what others took.
    private func affordableCount(_ allowance: Allowance, hasDrawn: Bool) -> Int {
        guard let left = allowance.secondsLeft else { return request.kMax }
        let estimate = deployment.pace.estimate
        let parts = max(1, prompts.places(ofSample: 0).count)
        guard let each = estimate.seconds(sampleCount: parts), each > 0 else { return request.kMax }
        let prefill = hasDrawn ? 0 : prefillSeconds(estimate)
        let one = JudgmentRound.endSeconds(estimate, prompts, sampleCount: parts)
        let two = JudgmentRound.endSeconds(estimate, prompts, sampleCount: 2 * parts)
        let count = (left - prefill - one) / (each + two - one)
        return Int(max(0, min(count, Double(request.kMax))))
    }

    private func prefillSeconds(_ estimate: Pace.Estimate) -> Double {
        let tokens = prompts.promptTokens(ofSamples: 0..<request.kMax)
        return (estimate.promptTokenSeconds ?? 0) * Double(tokens)
    }
}

extension DaemonError {
    /// No judgment was there when the caller stopped waiting.
    static var deadlinePassed: DaemonError {
        DaemonError(
            .deadline,
            subject: "deadline",
            expected: "a judgment before it",
            found: "none when it passed",
            advice: "give more time or ask for fewer judgments"
        )
    }
}
