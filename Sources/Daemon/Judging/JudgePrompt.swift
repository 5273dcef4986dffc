import Inference
import Scoring
package import Wire

/// A prompt that the judge reads for a request, spelled out.
package struct JudgePrompt: Sendable, Encodable {
    /// Place among the prompts of the request.
    package let prompt: Int
    /// The responses shown.
    package let order: [Int]
    /// The whole prompt, but for its control tokens.
    package let text: String
    package let tokens: [UInt32]
    /// What the judgment ends with, up to its first value; nil where nothing is asked.
    package let line: String?
    /// The token that ends the judge's turn.
    package let endToken: UInt32

    /// Every prompt that judgments of a request can see.
    ///
    /// - Parameters:
    ///   - message: The request.
    ///   - judge: What would judge it.
    /// - Returns: The prompts, without kept principles.
    /// - Throws: `ScoringError` and `InferenceError` as for scoring.
    package static func all(
        for message: Grm_V1_ScoreRequest,
        judge: Judge
    ) throws -> [JudgePrompt] {
        let request = try ScoreRequest(
            validating: ScoreRequestDraft(message),
            limits: ScoringLimits(),
            defaults: judge.defaults,
            freshSeed: 0
        )
        let way = JudgingPlan(request)
        let prompts = try JudgingPrompts(request, way: way, kept: .none, judge: judge)
        return prompts.entries.enumerated().map { place, entry in
            let tokens = entry.segments.flatMap(\.self)
            return JudgePrompt(
                prompt: place,
                order: entry.shown.order,
                text: judge.tokenizer.decode(tokens),
                tokens: tokens.map(\.rawValue),
                line: entry.line?.opening,
                endToken: judge.markup.end.rawValue
            )
        }
    }
}

extension Judge {
    /// The tokens of a text that the judge writes or is to write.
    package func tokens(of text: String) -> [UInt32] { tokenizer.encode(text).map(\.rawValue) }
}
