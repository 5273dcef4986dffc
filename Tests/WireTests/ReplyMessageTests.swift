import Scoring
import Testing
import Wire

@Suite("A verdict onto the wire")
struct ReplyMessageTests {
    /// A request of two responses and four judgments: two count, one has no scores, one was cut.
    private func verdict() throws -> (Verdict, ScoreRequest) {
        var draft = try ScoreRequestDraft(.small)
        draft.responses = [
            CandidateResponse(content: "same", id: "first"), CandidateResponse(content: "same"),
        ]
        draft.groupID = "group"
        draft.requestID = "request"
        draft.kMax = 4
        let request = try draft.checked()
        var run = ScoringRun(request)
        run.record([
            Judgment(index: 0, order: [0, 1], parsing: .init(text: "Scores: \\boxed{7, 3}")),
            Judgment(index: 1, order: [1, 0], parsing: .init(text: "Scores: \\boxed{2, 9}")),
            Judgment(index: 2, order: [0, 1], parsing: .init(text: "nothing")),
            Judgment(index: 3, order: [1, 0], failed: .cancelled),
        ])
        return (try run.verdict(), request)
    }

    @Test("Scores, counts, stop reason, seed, ids and flags are those of the verdict")
    func writesVerdict() throws {
        let (verdict, request) = try verdict()
        let reply = Grm_V1_ScoreReply(verdict, of: request)
        #expect(reply.scores.map(\.index) == [0, 1])
        #expect(reply.scores.map(\.id) == ["first", ""])
        #expect(reply.scores.map(\.total) == [16, 5])
        #expect(reply.scores.map(\.mean) == [8, 2.5])
        #expect(reply.scores.map(\.rank) == [1, 2])
        #expect(reply.scores.map(\.spread) == [(2.0).squareRoot(), (0.5).squareRoot()])
        #expect(reply.scores.map(\.flags) == [[], [.duplicate]])
        #expect(reply.kCounted == 2)
        #expect(reply.kDrawn == 4)
        #expect(reply.stopReason == .kMax)
        #expect(reply.seed == 1)
        #expect(reply.groupID == "group")
        #expect(reply.requestID == "request")
        #expect(reply.mode == .list)
        #expect(reply.readout == .sampled)
        #expect(reply.principleSource == .generated)
        #expect(reply.warnings.map(\.code) == [.judgmentsLost])
        #expect(reply.warnings.map(\.detail) == ["2 of 4 judgments counted"])
    }

    @Test("One counted judgment has no spread; the caller's principles are named as the source")
    func leavesOutWhatIsNotThere() throws {
        var draft = try ScoreRequestDraft(.small)
        draft.kMax = 1
        draft.principles = [Principle(text: "Exact")]
        draft.responses[1].content = "\u{200b}"
        let request = try draft.checked()
        var run = ScoringRun(request)
        var judgment = Judgment(
            index: 0,
            order: [0, 1],
            parsing: .init(text: "\\boxed{7, 3}", isTruncated: true)
        )
        judgment.principleSource = .caller
        run.record([judgment])
        let reply = Grm_V1_ScoreReply(try run.verdict(), of: request)
        #expect(reply.scores.map(\.hasSpread) == [false, false])
        #expect(reply.scores.map(\.flags) == [[], [.empty]])
        #expect(reply.principleSource == .caller)
        #expect(reply.warnings.map(\.code) == [.judgmentsTruncated, .orderUnbalanced])
        #expect(!reply.hasStopBound)
    }

    private let generation = Judgment.Generation(
        text: "1. Accuracy (weight 60%): right\n2. Style: good\nAnalysis: fine\n"
            + "Scores: \\boxed{7, 3}",
        isTruncated: true,
        tokenCount: 41,
        seconds: 0.25
    )

    @Test("A judgment has its figures whatever parts are wanted")
    func writesJudgment() throws {
        let judgment = Judgment(index: 5, order: [1, 0], parsing: generation)
        for parts in [[], Set(ReplyPart.allCases)] {
            let message = Grm_V1_Judgment(
                judgment,
                isCounted: true,
                tokens: [[1, 2]],
                parts: parts
            )
            #expect(message.index == 5)
            #expect(message.order == [1, 0])
            #expect(message.scores == [3, 7])
            #expect(message.outcome == .scored)
            #expect(message.counted)
            #expect(message.truncated)
            #expect(message.generatedTokens == 41)
            #expect(message.seconds == 0.25)
            #expect(!message.hasMetaScore)
        }
    }

    @Test("Each part is there if it is wanted, and only then", arguments: ReplyPart.allCases)
    func writesParts(part: ReplyPart) throws {
        let judgment = Judgment(index: 0, order: [0, 1], parsing: generation)
        let message = Grm_V1_Judgment(judgment, isCounted: false, tokens: [[1, 2]], parts: [part])
        #expect(!message.counted)
        #expect(message.text == (part == .text ? generation.text : ""))
        #expect(message.tokens == (part == .tokens ? [1, 2] : []))
        #expect(message.critique.contains("fine") == (part == .critique))
        #expect(message.principles.count == (part == .principles ? judgment.principles.count : 0))
        if part == .principles {
            #expect(judgment.principles.count == 2)
            #expect(message.principles.map(\.text) == judgment.principles.map(\.text))
            #expect(message.principles.map(\.hasWeight) == [true, false])
            #expect(message.principles.first?.weight == 60)
        }
    }

    @Test("What came of a judgment is never lost, and nothing but scored has scores")
    func writesOutcomes() {
        let failures: [(Judgment.Outcome, Grm_V1_JudgmentOutcome)] = [
            (.badLogits, .badLogits), (.cancelled, .cancelled),
            (.contextExhausted, .contextExhausted),
        ]
        for (outcome, number) in failures {
            let judgment = Judgment(index: 0, order: [0], failed: outcome, generation: generation)
            let message = Grm_V1_Judgment(judgment, isCounted: false, tokens: [], parts: [])
            #expect(message.outcome == number)
            #expect(message.scores.isEmpty)
        }
        let unparsable = Judgment(index: 0, order: [0], parsing: generation)
        let message = Grm_V1_Judgment(unparsable, isCounted: false, tokens: [], parts: [])
        #expect(message.outcome == .unparsable)
        #expect(message.scores.isEmpty)
    }
}
