import Testing

@testable import Scoring

@Suite("Reward health")
struct RewardHealthTests {
    private var health = RewardHealth()

    /// A judgment of responses that were shown in this order; scores stand as they were shown.
    private func judgment(
        _ index: Int,
        order: [Int],
        shown scores: [Int],
        tokens: Int = 10,
        metaScore: Double? = nil
    ) -> Judgment {
        let text = ScoreLine(responseCount: scores.count).text(of: scores)
        var judgment = Judgment(
            index: index,
            order: order,
            parsing: Judgment.Generation(text: text, tokenCount: tokens)
        )
        judgment.metaScore = metaScore
        return judgment
    }

    private func verdict(
        _ request: ScoreRequest,
        _ judgments: [Judgment],
        until reason: StopReason? = nil
    ) throws -> Verdict {
        var run = ScoringRun(request)
        run.record(judgments)
        if let reason { run.interrupt(reason) }
        return try run.verdict()
    }

    private func request(
        _ contents: [String] = ["Four.", "Five."],
        k: Int,
        change: (inout ScoreRequestDraft) -> Void = { _ in }
    ) throws -> ScoreRequest {
        var draft = makeDraft(contents)
        draft.kMax = k
        change(&draft)
        return try makeRequest(draft)
    }

    @Test("The effect of position is what the earlier place is worth, whatever the responses are")
    mutating func position() throws {
        #expect(health.positionEffect == nil)
        // Response 0 is worth 6 and response 1 is worth 3; the first place adds 1.
        let two = try request(k: 2)
        health.add(
            try verdict(
                two,
                [
                    judgment(0, order: [0, 1], shown: [7, 3]),
                    judgment(1, order: [1, 0], shown: [4, 6]),
                ]
            ),
            of: two
        )
        #expect(health.positionEffect == 1)
        // Each place is worth 2 more than the next: a pair of neighbours differs by 2, the ends by 4.
        let three = try request(["a", "b", "c"], k: 2)
        health.add(
            try verdict(
                three,
                [
                    judgment(0, order: [2, 0, 1], shown: [8, 6, 4]),
                    judgment(1, order: [1, 0, 2], shown: [8, 6, 4]),
                ]
            ),
            of: three
        )
        let mean = (1 + (2.0 + 2 + 4) / 3) / 2
        #expect(health.positionEffect == mean)
        #expect(health.positionPairs == 2)
    }

    @Test("A judgment without its reverse says nothing of position")
    mutating func lonely() throws {
        let request = try request(k: 4)
        health.add(
            try verdict(
                request,
                [
                    judgment(0, order: [0, 1], shown: [9, 1]),
                    Judgment(index: 1, order: [1, 0], parsing: .init(text: "none")),
                    judgment(2, order: [1, 0], shown: [9, 1]),
                    judgment(3, order: [1, 0], shown: [9, 1]),
                ]
            ),
            of: request
        )
        let alone = try self.request(["a"], k: 2)
        health.add(
            try verdict(alone, (0..<2).map { judgment($0, order: [0], shown: [5]) }),
            of: alone
        )
        #expect(health.positionPairs == 0 && health.positionEffect == nil)
    }

    @Test("Decisions are verdicts on two or more, ties those without a single first")
    mutating func ties() throws {
        for (contents, scores) in [
            (["a"], [5]), (["a", "b"], [5, 5]), (["a", "b"], [6, 5]),
            (["a", "b", "c"], [5, 4, 5]),
            (["a", "b", "c"], [6, 4, 4]),
        ] {
            let request = try request(contents, k: 1)
            health.add(
                try verdict(
                    request,
                    [judgment(0, order: Array(scores.indices), shown: scores)]
                ),
                of: request
            )
        }
        #expect(health.decisions == 4)
        #expect(health.ties == 2)
        #expect(health.drawn == [1: 5])
    }

    @Test("High scores are those of counted judgments; failures are counted among all")
    mutating func scores() throws {
        let request = try request(k: 3)
        health.add(
            try verdict(
                request,
                [
                    judgment(0, order: [0, 1], shown: [9, 8]),
                    Judgment(
                        index: 1,
                        order: [1, 0],
                        parsing: .init(text: "none", isTruncated: true)
                    ),
                    judgment(2, order: [0, 1], shown: [10, 1]),
                ]
            ),
            of: request
        )
        #expect((health.scores, health.highScores) == (4, 2))
        #expect((health.judgments, health.unparsable, health.truncated) == (3, 1, 1))
    }

    @Test("What a rule leaves out is saved, at the mean length; what a deadline cuts off is lost")
    mutating func savings() throws {
        let request = try request(k: 16) { $0.stopping = .exact }
        let judgments = (0..<10).map {
            judgment(
                $0,
                order: $0 % 2 == 0 ? [0, 1] : [1, 0],
                shown: $0 % 2 == 0 ? [10, 1] : [1, 10]
            )
        }
        let stopped = try verdict(request, judgments)
        #expect(stopped.stopReason == .exact && stopped.kDrawn == 10)
        health.add(stopped, of: request)
        #expect((health.judgmentsSaved, health.tokensSaved) == (6, 60))
        health.add(try verdict(request, Array(judgments[..<4]), until: .deadline), of: request)
        #expect((health.judgmentsSaved, health.tokensSaved) == (6, 60))
        #expect(health.drawn == [10: 1, 4: 1])
    }

    @Test("Meta scores fall into tenths, 1 into the last; flags and kept principles are counted")
    mutating func histograms() throws {
        let request = try request(["", "!!!", "Four."], k: 4)
        let metaScores = [0, 0.35, 0.9, 1]
        let judgments = metaScores.enumerated().map {
            judgment($0, order: [0, 1, 2], shown: [1, 2, 9], metaScore: $1)
        }
        let verdict = try verdict(request, judgments)
        health.add(verdict, of: request, principleHits: 3, principleMisses: 1)
        #expect(health.metaTenths == [1, 0, 0, 1, 0, 0, 0, 0, 0, 2])
        #expect(health.flags == [.empty: 1, .degenerate: 1])
        #expect((health.principleHits, health.principleMisses) == (3, 1))
    }
}
