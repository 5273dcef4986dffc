import Testing

@testable import Scoring

struct ScoringRunTests {
    private func makeRun(k: Int, responses: Int = 2) throws -> ScoringRun {
        var draft = makeDraft(Array(repeating: "x", count: responses))
        draft.kMax = k
        return ScoringRun(try makeRequest(draft))
    }

    @Test("The fixed rule draws all judgments at once and then stops")
    func fixedRule() throws {
        var run = try makeRun(k: 4)
        #expect(run.nextStep() == .draw(0..<4))
        run.record((0..<4).map { makeJudgment($0, [6, 4]) })
        #expect(run.nextStep() == .stop(.kMax))
        let verdict = try run.verdict()
        #expect(verdict.scores.map(\.total) == [24, 16])
        #expect(verdict.scores.map(\.rank) == [1, 2])
        #expect((verdict.kCounted, verdict.kDrawn) == (4, 4))
        #expect(verdict.stopReason == .kMax)
        #expect(verdict.warnings.isEmpty)
    }

    @Test("Judgments count in seed order whatever order they are recorded in")
    func seedOrder() throws {
        let judgments = (0..<6).map { makeJudgment($0, [1 + $0, 10 - $0]) }
        var forwards = try makeRun(k: 6)
        forwards.record(judgments)
        var backwards = try makeRun(k: 6)
        for judgment in judgments.reversed() { backwards.record([judgment]) }
        #expect(try forwards.verdict() == (try backwards.verdict()))
        #expect(backwards.judgments.map(\.index) == Array(0..<6))
    }

    @Test("Samples that were not recorded are named again, recorded ones never")
    func gaps() throws {
        var run = try makeRun(k: 4)
        run.record([makeJudgment(0, [5, 5]), makeJudgment(2, [5, 5])])
        #expect(run.nextStep() == .draw(1..<2))
        run.record([makeJudgment(1, [5, 5])])
        #expect(run.nextStep() == .draw(3..<4))
    }

    @Test("A lost judgment is a warning, never a score")
    func lost() throws {
        var run = try makeRun(k: 2)
        run.record([
            makeJudgment(0, [8, 2], isTruncated: true),
            Judgment(index: 1, order: [1, 0], parsing: Judgment.Generation(text: "no idea")),
        ])
        let verdict = try run.verdict()
        #expect(verdict.scores.map(\.total) == [8, 2])
        #expect(verdict.countedIndexes == [0])
        #expect((verdict.kCounted, verdict.kDrawn) == (1, 2))
        #expect(
            verdict.warnings == [
                .judgmentsLost(counted: 1, asked: 2), .judgmentsTruncated(count: 1),
            ]
        )
    }

    @Test("An interrupted run gives the vote so far and says so")
    func interrupted() throws {
        var run = try makeRun(k: 8)
        run.record([makeJudgment(0, [3, 9])])
        run.interrupt(.deadline)
        run.interrupt(.load)
        #expect(run.nextStep() == .stop(.deadline))
        let verdict = try run.verdict()
        #expect(verdict.stopReason == .deadline)
        #expect(verdict.scores.map(\.total) == [3, 9])
        #expect(
            verdict.warnings == [
                .judgmentsLost(counted: 1, asked: 8), .orderUnbalanced(drawn: 1),
            ]
        )
    }

    @Test("An odd number of orders is no warning for a single response")
    func singleIsBalanced() throws {
        var run = try makeRun(k: 1, responses: 1)
        run.record([makeJudgment(0, [9])])
        #expect(try run.verdict().warnings.isEmpty)
    }

    @Test("No counted judgment is a failure that says what became of each")
    func noJudgment() throws {
        var run = try makeRun(k: 3)
        run.record([
            Judgment(index: 0, order: [0, 1], failed: .cancelled),
            Judgment(index: 1, order: [1, 0], failed: .contextExhausted),
            Judgment(index: 2, order: [0, 1], parsing: Judgment.Generation(text: "10/10")),
        ])
        let error = try #require(scoringError { _ = try run.verdict() })
        #expect(error.code == .noJudgment)
        #expect(error.found == "3 drawn: 1 unparsable, 1 cancelled, 1 out of context")
    }

    @Test("Broken logits in one sample fail the run, though others scored")
    func badLogits() throws {
        var run = try makeRun(k: 2)
        run.record([
            makeJudgment(0, [8, 2]), Judgment(index: 1, order: [1, 0], failed: .badLogits),
        ])
        let error = try #require(scoringError { _ = try run.verdict() })
        #expect(error.code == .badLogits)
        #expect(error.found.contains("1 of 2"))
    }

    @Test("Drawing 2k with the seed of k begins with the orders of the k")
    func prefixOfLongerRun() throws {
        let short = PermutationPlan(responseCount: 4, seed: 5)
        let long = PermutationPlan(responseCount: 4, seed: 5)
        let four = (0..<4).map(short.order)
        #expect((0..<8).map(long.order).prefix(4).elementsEqual(four))
    }
}

struct ResponseFlagTests {
    @Test("Empty and repeated responses are flagged")
    func flags() {
        let contents = ["a", "", "a", " \n\t\u{200B}\u{FEFF}\u{2800}", "", "é", "e\u{301}", "."]
        let flags = ResponseFlag.flags(of: contents.map { CandidateResponse(content: $0) })
        #expect(
            flags == [
                [], [.empty], [.duplicate], [.empty], [.empty, .duplicate], [], [], [.degenerate],
            ]
        )
    }
}
