import Foundation
import Inference
import Scoring
import Store

/// Has the meta-RM read judgments of one request: how likely is each of them right.
///
/// It reads what the judge read, in its own template's words and in the same order of responses, and
/// then what the judge wrote as the answer. Its head looks at the end of that turn. Judgments of one
/// order share the prompt.
///
/// Source: arXiv 2504.02495, section 4 and App. C.1; METHOD, scoring.
struct MetaScoring: Sendable {
    /// What a judge was shown and what it wrote.
    struct Reading: Sendable {
        let shown: PromptCase
        /// The principles that were given to the judge; those that it wrote stand in the text.
        let principles: [Principle]
        /// Without a critique it begins with the line's opening, which the judge was given.
        let text: String
    }

    /// What a round came to.
    struct Outcome: Sendable {
        /// Probabilities, in the order of the readings; nil for one that does not fit the meta-RM's
        /// context or did not come in time.
        let scores: [Double?]
        let cost: ScoreOperation.Cost
    }

    private let request: ScoreRequest
    private let engine: Engine
    private let metaRM: MetaRM
    private let judgeTemplate: PromptTemplate

    /// Gets ready for a request; nil if no judgment needs a meta score, or there is no second model.
    ///
    /// - Parameters:
    ///   - request: What is judged.
    ///   - deployment: What judges it.
    ///   - cases: All that its judgments can be shown.
    /// - Throws: `ScoringError.notSupported` if the meta-RM's template has no words for a case,
    ///   `InferenceError.contextOverflow` if a prompt alone does not fit the meta-RM's context,
    ///   `CancellationError`.
    init?(_ request: ScoreRequest, on deployment: Deployment, cases: [PromptCase]) throws {
        guard let metaRM = deployment.metaRM, request.kMeta != nil || request.metaThreshold != nil
        else { return nil }
        self.request = request
        self.metaRM = metaRM
        engine = deployment.engine
        judgeTemplate = deployment.judge.template
        var encoding = encoding
        for shown in cases {
            try metaRM.judge.template.check(shown)
            _ = try segments(shown, principles: request.principles, &encoding)
        }
    }

    /// Reads judgments in one round.
    ///
    /// - Parameters:
    ///   - readings: What was judged; at least one.
    ///   - ticket: By which the round can be ended early.
    /// - Returns: The probabilities and the cost, of which time and tokens are the meta-RM's.
    /// - Throws: `InferenceError`: broken logits, and what the engine refuses; `CancellationError`.
    func scores(
        of readings: [Reading],
        ticket: CompletionTicket = CompletionTicket()
    ) async throws -> Outcome {
        let start = ContinuousClock.now
        let (completion, places) = try completion(readings)
        guard !completion.samples.isEmpty else {
            return Outcome(scores: readings.map { _ in nil }, cost: .init())
        }
        let report = try await engine.complete(completion, on: MetaRM.place, ticket: ticket)
        var scores = [Double?](repeating: nil, count: readings.count)
        for done in report.completions {
            guard done.outcome == .finished, let logit = done.readings.headValue else {
                throw InferenceError(
                    .badLogits,
                    subject: "meta-RM \(metaRM.version.manifest.name)",
                    expected: "a finite logit",
                    found: "another"
                )
            }
            scores[places[done.sample]] = 1 / (1 + exp(-Double(logit)))
        }
        var cost = ScoreOperation.Cost()
        cost.metaTokens = completion.samples.reduce(report.promptTokens) {
            $0 + ($1.plan.given?.tokens.count ?? 0)
        }
        cost.metaSeconds = start.duration(to: .now) / .seconds(1)
        return Outcome(scores: scores, cost: cost)
    }

    // MARK: Tokens

    private var encoding: PromptEncoding {
        PromptEncoding(tokenizer: metaRM.judge.tokenizer, markup: metaRM.judge.markup)
    }

    /// One request to the engine, and which reading each of its samples is.
    private func completion(
        _ readings: [Reading]
    ) throws -> (completion: CompletionRequest, places: [Int]) {
        var encoding = encoding
        var completion = CompletionRequest(prompts: [], samples: [])
        var places: [Int] = []
        var prompts: [Key: Int] = [:]
        for (place, reading) in readings.enumerated() {
            let key = Key(shown: reading.shown, principles: reading.principles)
            if prompts[key] == nil {
                guard let segments = try fitting(key, &encoding) else { continue }
                prompts[key] = completion.prompts.count
                completion.prompts.append(segments)
            }
            let prompt = prompts[key] ?? 0
            let given = encoding.encode(answer(reading)) + metaRM.judge.markup.turnEnd
            let count = completion.prompts[prompt].reduce(given.count) { $0 + $1.count }
            guard count <= metaRM.judge.contextTokens else { continue }
            completion.samples.append(sample(prompt, given))
            places.append(place)
        }
        return (completion, places)
    }

    /// What makes two judgments share a prompt.
    private struct Key: Hashable {
        let shown: PromptCase
        let principles: [Principle]
    }

    /// A prompt, or nil if it does not fit: kept principles may be longer than the request's own.
    private func fitting(_ key: Key, _ encoding: inout PromptEncoding) throws -> [[TokenID]]? {
        do {
            return try segments(key.shown, principles: key.principles, &encoding)
        } catch let error as InferenceError where error.code == .contextOverflow {
            return nil
        }
    }

    private func sample(_ prompt: Int, _ given: [TokenID]) -> CompletionRequest.Sample {
        CompletionRequest.Sample(
            prompt: prompt,
            plan: GenerationPlan(given: .init(tokens: given, isRead: false), head: .score),
            // Nothing is drawn.
            sampling: SamplingParameters(temperature: 0, topP: 1),
            random: CounterRandom(seed: 0, sample: 0)
        )
    }

    private func segments(
        _ shown: PromptCase,
        principles: [Principle],
        _ encoding: inout PromptEncoding
    ) throws -> [[TokenID]] {
        let judge = metaRM.judge
        let prompt = judge.template.prompt(for: request, shown, principles: principles)
        return try encoding.tokens(
            of: prompt.segments,
            tokenCountMax: judge.contextTokens - judge.markup.turnEnd.count
        )
    }

    /// What stands behind the opening with which the meta-RM's prompt ends.
    private func answer(_ reading: Reading) -> String {
        guard reading.shown.isDirect else { return reading.text }
        let opening = judgeTemplate.line(of: reading.shown).opening
        guard reading.text.utf8.starts(with: opening.utf8) else { return reading.text }
        return String(decoding: reading.text.utf8.dropFirst(opening.utf8.count), as: UTF8.self)
    }
}
