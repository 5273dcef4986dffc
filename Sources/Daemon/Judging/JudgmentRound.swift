import Foundation
import Inference
import Scoring
import Synchronization

/// Draws some samples of a request, and has the meta-RM read them.
struct JudgmentRound: Sendable {
    /// What a round came to.
    struct Outcome: Sendable {
        /// The judgments whose every part is there, by index.
        var judgments: [Judgment] = []
        var tokens: [Int: [[UInt32]]] = [:]
        var cost: ScoreOperation.Cost
        /// Whether the deadline ended it.
        var isHurried = false
    }

    /// A prompt of a sample.
    private struct Place: Sendable {
        let sample: Int
        let part: Int
        let entry: Int
    }

    private let samples: Range<Int>
    private let request: ScoreRequest
    private let way: JudgingPlan
    private let prompts: JudgingPrompts
    private let kept: KeptPrinciples
    private let deployment: Deployment
    private let metaScoring: MetaScoring?
    /// In the order of the engine's samples.
    private let places: [Place]

    init(_ samples: Range<Int>, of operation: ScoreOperation) {
        self.samples = samples
        request = operation.request
        way = operation.way
        prompts = operation.prompts
        kept = operation.kept
        deployment = operation.deployment
        metaScoring = operation.metaScoring
        let prompts = operation.prompts
        places = samples.flatMap { sample in
            prompts.places(ofSample: sample).enumerated().map { part, entry in
                Place(sample: sample, part: part, entry: entry)
            }
        }
    }

    /// Draws the samples; before the deadline what runs is ended and what has not begun left out.
    ///
    /// - Parameters:
    ///   - allowance: What time allows.
    ///   - needsOne: Whether there is no judgment yet: the first sample is drawn also in a hurry.
    ///   - onJudgment: Called with each judgment as it is known, and its tokens.
    /// - Returns: All judgments, or those that were there in time.
    /// - Throws: `InferenceError`.
    func draw(
        _ allowance: Allowance,
        needsOne: Bool,
        onJudgment: @escaping @Sendable (Judgment, [[UInt32]]) -> Void
    ) async throws -> Outcome {
        let first = places.prefix { $0.sample == samples.lowerBound }
        let ticket = CompletionTicket(leastSamples: needsOne ? first.count : 0)
        let hurry = hurry(ticket, allowance)
        defer { hurry?.cancel() }
        let collector = Mutex<[Int: [Int: Completion]]>([:])
        let report = try await deployment.engine.complete(engineRequest, ticket: ticket) { done in
            let place = places[done.sample]
            let parts = collector.withLock { known in
                known[place.sample, default: [:]][place.part] = done
                return known[place.sample] ?? [:]
            }
            // With a second model a judgment is known once that has read it.
            if metaScoring == nil, let (judgment, tokens) = judgment(place.sample, parts) {
                onJudgment(judgment, tokens)
            }
        }
        deployment.pace.note(report)
        var outcome = Outcome(cost: .init(report), isHurried: ticket.isHurried)
        let known = collector.withLock { $0 }
        for sample in samples {
            guard let parts = known[sample], let (judgment, tokens) = judgment(sample, parts)
            else { continue }
            outcome.judgments.append(judgment)
            outcome.tokens[sample] = tokens
        }
        if let metaScoring { try await readByMetaRM(&outcome, metaScoring, onJudgment) }
        return outcome
    }

    // MARK: Time

    /// Seconds in which running samples end their lines and the judgments are counted.
    ///
    /// Twice what it took lately: what other requests do in these steps is not known. A sample that
    /// is ended takes its line's beginning as a prompt takes tokens.
    static func endSeconds(
        _ estimate: Pace.Estimate,
        _ prompts: JudgingPrompts,
        sampleCount: Int
    ) -> Double {
        let steps = prompts.entries.map { entry in
            2 + entry.plan.choices.reduce(0) { $0 + ($1.map(\.count).max() ?? 0) }
        }
        let forced = prompts.entries.map { $0.plan.free?.otherwise.count ?? 0 }
        let line = Double(steps.max() ?? 0) * (estimate.stepSeconds ?? 0.02)
        let begun = Double(sampleCount * (forced.max() ?? 0)) * (estimate.promptTokenSeconds ?? 0)
        return 0.03 + 2 * (line + begun)
    }

    /// Ends the samples in time for a reply.
    private func hurry(_ ticket: CompletionTicket, _ allowance: Allowance) -> Task<Void, Never>? {
        guard let deadline = allowance.deadline else { return nil }
        let estimate = deployment.pace.estimate
        let meta = (estimate.metaSeconds ?? 0) * Double(places.count)
        let line = Self.endSeconds(estimate, prompts, sampleCount: places.count)
        let end = deadline - .seconds(line + meta)
        return Task {
            do {
                try await Task.sleep(until: end, clock: .continuous)
                ticket.hurry()
            } catch {
                // The samples ended first.
            }
        }
    }

    // MARK: The engine's side

    private var engineRequest: CompletionRequest {
        // Only the prompts that these samples see.
        let entries = Array(Set(places.map(\.entry))).sorted()
        let order = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1, $0) })
        let sampling = SamplingParameters(
            temperature: Float(request.temperature),
            topP: Float(request.topP)
        )
        return CompletionRequest(
            prompts: entries.map { prompts.entries[$0].segments },
            samples: places.map { place in
                let entry = prompts.entries[place.entry]
                return CompletionRequest.Sample(
                    prompt: order[place.entry] ?? 0,
                    plan: entry.plan,
                    sampling: sampling,
                    random: CounterRandom(
                        seed: way.seed(ofCase: entry.place),
                        sample: UInt64(place.sample)
                    )
                )
            }
        )
    }

    /// Puts a sample's judgment together once every part of it is there.
    private func judgment(
        _ sample: Int,
        _ parts: [Int: Completion]
    ) -> (Judgment, [[UInt32]])? {
        let entries = prompts.places(ofSample: sample)
        guard parts.count == entries.count else { return nil }
        let ordered = parts.sorted { $0.key < $1.key }.map(\.value)
        let read = zip(entries, ordered).map { self.part(prompts.entries[$0], $1) }
        var judgment = way.judgment(sample, parts: read)
        judgment.principleSource = source(ofSample: sample)
        if deployment.judge.readsProbe {
            judgment.metaScore = Self.meanProbability(ordered.map(\.readings.headValue))
        }
        return (judgment, ordered.map { $0.tokens.map(\.rawValue) })
    }

    private func source(ofSample sample: Int) -> Judgment.PrincipleSource {
        if let place = kept.place(ofSample: sample) { return .cached(kept.sets[place].id) }
        return request.principles.isEmpty ? .generated : .caller
    }

    private func part(_ entry: JudgingPrompts.Entry, _ completion: Completion) -> JudgmentPart {
        let shown = entry.shown
        let opening = shown.isDirect ? entry.line?.opening ?? "" : ""
        let generation = Judgment.Generation(
            text: opening + completion.text,
            isTruncated: completion.isTruncated,
            tokenCount: completion.tokens.count,
            seconds: completion.seconds
        )
        let readings = completion.readings
        guard completion.outcome == .finished else {
            return JudgmentPart(shown, failed: .badLogits, generation: generation)
        }
        switch way.reading {
        case .line(let isWeighed):
            let weights = isWeighed ? readings.choiceWeights : nil
            return JudgmentPart(shown, parsing: generation, weights: weights)
        case .likelihood:
            let count = Double(entry.plan.given?.tokens.count ?? 1)
            return JudgmentPart(
                shown,
                value: readings.logProbability / count,
                generation: generation
            )
        case .head, .critiqueHead:
            guard let value = readings.headValue else {
                return JudgmentPart(shown, failed: .badLogits, generation: generation)
            }
            return JudgmentPart(shown, value: Double(value), generation: generation)
        }
    }

    // MARK: The meta-RM

    /// The mean of what logits say; nil if one is missing.
    private static func meanProbability(_ logits: [Float?]) -> Double? {
        let known = logits.compactMap(\.self).map { 1 / (1 + exp(-Double($0))) }
        guard !known.isEmpty, known.count == logits.count else { return nil }
        return known.reduce(0, +) / Double(known.count)
    }

    /// Has the second model read the judgments that have scores.
    private func readByMetaRM(
        _ outcome: inout Outcome,
        _ metaScoring: MetaScoring,
        _ onJudgment: @Sendable (Judgment, [[UInt32]]) -> Void
    ) async throws {
        let scored = outcome.judgments.indices.filter { outcome.judgments[$0].outcome == .scored }
        let readings = scored.map { index in
            outcome.judgments[index].parts.map { part in
                MetaScoring.Reading(
                    shown: part.shown,
                    principles: principles(ofSample: outcome.judgments[index].index),
                    text: part.generation.text
                )
            }
        }
        if !readings.isEmpty {
            let read = try await metaScoring.scores(of: readings.flatMap(\.self))
            var rest = read.scores[...]
            for (index, parts) in zip(scored, readings) {
                let scores = rest.prefix(parts.count).compactMap(\.self)
                rest = rest.dropFirst(parts.count)
                guard scores.count == parts.count else { continue }
                outcome.judgments[index].metaScore =
                    scores.reduce(0, +) / Double(scores.count)
            }
            outcome.cost.add(read.cost)
            deployment.pace.note(
                metaSeconds: read.cost.metaSeconds,
                judgmentCount: readings.count
            )
        }
        for judgment in outcome.judgments {
            onJudgment(judgment, outcome.tokens[judgment.index] ?? [])
        }
    }

    private func principles(ofSample sample: Int) -> [Principle] {
        kept.place(ofSample: sample).map { kept.sets[$0].principles } ?? request.principles
    }
}
