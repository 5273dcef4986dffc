import Inference
import Scoring

extension Deployment {
    /// A built-in request is put together, and each model has its say of it: every weight is
    /// touched, every head asked, the logits are finite, and what is chosen comes out whole.
    ///
    /// - Throws: `DaemonError.versionUnusable` that names the version.
    func tryModels() async throws {
        do {
            // As the version judges by default, but without a filter, so that the meta-RM is not
            // asked yet.
            let request = try Self.trialRequest(judge.defaults)
            _ = try ScoreOperation(request, deployment: self)
            try await writeScore()
        } catch {
            throw DaemonError.unusable(version, error)
        }
        guard let metaRM else { return }
        do {
            try await readJudgment()
        } catch {
            throw DaemonError.unusable(metaRM.version, error)
        }
    }

    private static func trialRequest(
        _ defaults: ScoringDefaults
    ) throws(ScoringError) -> ScoreRequest {
        var draft = ScoreRequestDraft()
        draft.conversation = [.init(role: .user, content: "What is the capital of France?")]
        draft.responses = ["Paris.", "Lyon."].map { CandidateResponse(content: $0, id: "") }
        return try ScoreRequest(
            validating: draft,
            limits: ScoringLimits(),
            defaults: defaults,
            freshSeed: 0
        )
    }

    private func writeScore() async throws {
        let tokenizer = engine.tokenizer
        let free = GenerationPlan.FreeText(tokenCountMax: 1, stops: [], otherwise: [])
        var line = GenerationPlan(
            free: free,
            choices: [(1...10).map { tokenizer.encode("\($0)}") }]
        )
        let heads: [ScalarHead.Kind?] = judge.heads.isEmpty ? [nil] : judge.heads.map(\.self)
        let report = try await engine.complete(
            CompletionRequest(
                prompts: [[tokenizer.encode("Paris is the capital of France. Score: \\boxed{")]],
                samples: heads.map { head in
                    line.head = head
                    return .init(
                        prompt: 0,
                        plan: line,
                        sampling: SamplingParameters(temperature: 0, topP: 1),
                        random: CounterRandom(seed: 0, sample: 0)
                    )
                }
            )
        )
        pace.note(report)
        guard report.completions.allSatisfy({ $0.outcome == .finished }) else {
            throw InferenceError(
                .badLogits,
                subject: "a first score",
                expected: "finite logits",
                found: "others"
            )
        }
    }

    private func readJudgment() async throws {
        let shown = PromptCase(.scores, order: [0])
        // With room for a critique, however short the judge's own judgments are by default.
        var defaults = ScoringDefaults()
        defaults.hasMetaRM = true
        let scoring = try MetaScoring(Self.trialRequest(defaults), on: self, cases: [shown])
        let text = "Analysis: it is right.\nScores: \\boxed{9}"
        let read = try await scoring?.scores(of: [.init(shown: shown, principles: [], text: text)])
        guard let read, read.scores.allSatisfy({ $0 != nil }) else {
            throw InferenceError(
                .contextOverflow,
                subject: "context of the meta-RM",
                expected: "room for a short judgment",
                found: "\(metaRM?.judge.contextTokens ?? 0) tokens"
            )
        }
        pace.note(metaSeconds: read.cost.metaSeconds, judgmentCount: 1)
    }
}
