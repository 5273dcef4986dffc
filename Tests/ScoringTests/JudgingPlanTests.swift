import Testing

@testable import Scoring

@Suite("Ways of judging")
struct JudgingPlanTests {
    private func request(
        _ mode: JudgingMode,
        _ contents: [String],
        seed: UInt64 = 7
    ) throws -> ScoreRequest {
        var draft = makeDraft(contents)
        draft.mode = mode
        draft.seed = seed
        return try makeRequest(draft)
    }

    private func scored(_ shown: PromptCase, _ scores: [Int]) -> JudgmentPart {
        let line = ScoreLine(responseCount: scores.count)
        return JudgmentPart(shown, parsing: .init(text: line.text(of: scores), tokenCount: 3))
    }

    private func verdict(_ shown: PromptCase, better position: Int) -> JudgmentPart {
        JudgmentPart(shown, parsing: .init(text: "Better: \\boxed{\(position)}"))
    }

    @Test("A list shows all responses in each prompt, and puts the scores in the request's order")
    func list() throws {
        let plan = JudgingPlan(try request(.list, ["a", "b", "c"]))
        #expect(plan.cases.allSatisfy { $0.form == .scores && $0.order.count == 3 })
        for sample in 0..<8 {
            let places = plan.places(ofSample: sample)
            #expect(places.count == 1)
            let shown = plan.cases[places[0]]
            let part = scored(shown, shown.order.map { $0 + 4 })
            #expect(plan.judgment(sample, parts: [part]).scores == [4, 5, 6])
        }
    }

    @Test("Isolated judging shows each content once, and gives equal responses equal scores")
    func isolated() throws {
        let plan = JudgingPlan(try request(.isolated, ["a", "b", "a", "e\u{301}", "\u{e9}"]))
        #expect(plan.cases.map(\.order) == [[0], [1], [3], [4]])
        let places = plan.places(ofSample: 5)
        let parts = places.map { scored(plan.cases[$0], [$0 + 1]) }
        let judgment = plan.judgment(5, parts: parts)
        #expect(judgment.scores == [1, 2, 1, 3, 4])
        #expect(judgment.generation.tokenCount == 12)
        #expect(judgment.order.isEmpty && judgment.index == 5)
    }

    @Test("What draws a response's judgments does not depend on its company")
    func isolatedSeeds() throws {
        let alone = JudgingPlan(try request(.isolated, ["b"]))
        let among = JudgingPlan(try request(.isolated, ["a", "b", "c"]))
        #expect(alone.seed(ofCase: 0) == among.seed(ofCase: 1))
        #expect(Set((0..<3).map(among.seed)).count == 3)
        let other = JudgingPlan(try request(.isolated, ["b"], seed: 8))
        #expect(other.seed(ofCase: 0) != alone.seed(ofCase: 0))
    }

    @Test("Pairs are shown in both orders, a sample apart, and a score is the share of wins")
    func pairwise() throws {
        let plan = JudgingPlan(try request(.pairwise, ["a", "b", "c"]))
        for half in 0..<3 {
            let first = plan.places(ofSample: 2 * half).map { plan.cases[$0].order }
            let second = plan.places(ofSample: 2 * half + 1).map { plan.cases[$0].order }
            #expect(second == first.map { $0.reversed() })
            #expect(Set(first.map { $0.sorted() }) == [[0, 1], [0, 2], [1, 2]])
        }
        // The smaller index always wins.
        let parts = plan.places(ofSample: 0).map { place in
            let shown = plan.cases[place]
            return verdict(shown, better: shown.order[0] < shown.order[1] ? 1 : 2)
        }
        #expect(plan.judgment(0, parts: parts).scores == [1, 0.5, 0])
    }

    @Test("Which of a pair is shown first is up to the seed")
    func turnedPairs() throws {
        let firsts = try (0..<64).map { seed in
            JudgingPlan(try request(.pairwise, ["a", "b"], seed: seed)).cases[0].order[0]
        }
        #expect((16...48).contains(firsts.count { $0 == 0 }))
    }

    @Test("Token probabilities of both orders are averaged in one judgment")
    func tokenProbability() throws {
        let request = try request(.tokenProbability, ["a", "b"])
        #expect(request.kMax == 1 && request.readout == .expected && request.isDirect)
        let plan = JudgingPlan(request)
        #expect(plan.places(ofSample: 0) == [0, 1])
        #expect(plan.cases.allSatisfy { $0.isDirect && $0.form == .pair })
        let weights = [[0.75, 0.25], [0.5, 0.5]]
        let parts = zip(plan.cases, weights).map { shown, weights in
            JudgmentPart(shown, parsing: .init(text: "Better: \\boxed{2}"), weights: [weights])
        }
        let first = plan.cases[0].order[0]
        let scores = plan.judgment(0, parts: parts).scores
        #expect(scores[first] == 0.625 && scores[1 - first] == 0.375)
    }

    @Test("Likelihood and heads read each response behind the conversation as it stands")
    func chat() throws {
        for mode in [JudgingMode.likelihood, .scalar] {
            let plan = JudgingPlan(try request(mode, ["a", "b", "a"]))
            #expect(plan.cases == [PromptCase(.chat, order: [0]), PromptCase(.chat, order: [1])])
            let parts = plan.cases.map {
                JudgmentPart($0, value: -Double($0.order[0]) - 0.5, generation: .init())
            }
            #expect(plan.judgment(0, parts: parts).scores == [-0.5, -1.5, -0.5])
        }
        var draft = makeDraft(["a"])
        (draft.mode, draft.reference) = (.likelihood, "Four")
        let request = try makeRequest(draft)
        let prompt = request.chatPrompt(PromptCase(.chat, order: [0]))
        #expect(
            prompt.pieces == [
                .turnStart(.user), .content("What is two and two?"), .turnEnd,
                .turnStart(.system), .content("Four"), .turnEnd, .turnStart(.assistant),
            ]
        )
    }

    @Test("One part without scores leaves a judgment without scores; broken logits go first")
    func failedParts() throws {
        let plan = JudgingPlan(try request(.isolated, ["a", "b", "c"]))
        let good = scored(plan.cases[0], [5])
        let unparsable = JudgmentPart(plan.cases[1], parsing: .init(text: "nothing"))
        let broken = JudgmentPart(plan.cases[2], failed: .badLogits)
        let first = plan.judgment(0, parts: [good, unparsable, scored(plan.cases[2], [4])])
        guard case .unparsable = first.outcome else {
            Issue.record("\(first.outcome)")
            return
        }
        #expect(first.scores.isEmpty)
        let second = plan.judgment(0, parts: [good, unparsable, broken])
        #expect(second.outcome == .badLogits)
    }

    @Test("A verdict outside 1 and 2 is not read")
    func verdictRange() {
        let shown = PromptCase(.pair, order: [0, 1])
        for text in ["Better: \\boxed{3}", "Better: \\boxed{0}", "Better: \\boxed{1, 2}"] {
            let part = JudgmentPart(shown, parsing: .init(text: text))
            #expect(part.scores.isEmpty)
        }
        #expect(verdict(shown, better: 2).scores == [0, 1])
    }
}
