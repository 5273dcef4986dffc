import Testing

@testable import Scoring

/// A draft that passes every check, for tests to spoil.
func makeDraft(
    _ contents: [String] = ["Four.", "Five."],
    conversation: [ScoreRequestDraft.Message] = [
        ScoreRequestDraft.Message(role: .user, content: "What is two and two?")
    ]
) -> ScoreRequestDraft {
    var draft = ScoreRequestDraft()
    draft.conversation = conversation
    draft.responses = contents.map { CandidateResponse(content: $0) }
    return draft
}

func makeRequest(_ draft: ScoreRequestDraft = makeDraft()) throws(ScoringError) -> ScoreRequest {
    try ScoreRequest(
        validating: draft,
        limits: ScoringLimits(),
        defaults: ScoringDefaults(),
        freshSeed: 7
    )
}

/// Runs a throwing body and hands back its error.
func scoringError(_ body: () throws -> Void) -> ScoringError? {
    do {
        try body()
        return nil
    } catch {
        return error as? ScoringError
    }
}

/// A judgment of responses that were shown in the order of the request.
func makeJudgment(_ index: Int, _ scores: [Int], isTruncated: Bool = false) -> Judgment {
    let text = "fine\n" + ScoreLine(responseCount: scores.count).text(of: scores)
    return Judgment(
        index: index,
        order: Array(scores.indices),
        parsing: Judgment.Generation(text: text, isTruncated: isTruncated)
    )
}
