import Testing

@testable import Scoring

struct AdaptiveRunTests {
    private func makeRun(
        _ rule: StoppingRule,
        kMax: Int,
        responses: [String] = ["x", "y"],
        hasMetaRM: Bool = false,
        _ change: (inout ScoreRequestDraft) -> Void = { _ in }
    ) throws -> ScoringRun {
        var draft = makeDraft(responses)
        (draft.stopping, draft.kMax) = (rule, kMax)
        change(&draft)
        var defaults = ScoringDefaults()
        defaults.hasMetaRM = hasMetaRM
        return ScoringRun(
            try ScoreRequest(
                validating: draft,
                limits: ScoringLimits(),
                defaults: defaults,
                freshSeed: 1
            )
        )
    }

    private func noisyJudgments(_ count: Int, seed: UInt64, gap: Double) -> [Judgment] {
        var random = CounterRandom(seed: seed, stream: 4)
        return (0..<count).map { index in
            guard random.next(below: 10) > 0 else {
                return Judgment(index: index, order: [0, 1], failed: .contextExhausted)
            }
            let scores = [5 + gap, 5].map { Int(makeScore($0, noise: 1.5, &random)) }
            var judgment = makeJudgment(index, scores)
            judgment.metaScore = random.nextUnit()
            return judgment
        }
    }

    @Test(
        "The verdict of a seed depends neither on the batches nor on the order of arrival",
        arguments: [StoppingRule.exact, .guaranteed, .predicted],
        [nil, 0.3]
    )
    func batches(rule: StoppingRule, threshold: Double?) throws {
        var stoppedCount = 0
        for seed in UInt64(0)..<60 {
            let judgments = noisyJudgments(24, seed: seed, gap: 2)
            let start = try makeRun(rule, kMax: 24, hasMetaRM: threshold != nil) {
                ($0.scoreWidth, $0.metaThreshold) = (2.2, threshold)
            }
            var lazy = start
            while case .draw(let samples) = lazy.nextStep() {
                lazy.record(samples.map { judgments[$0] })
            }
            var random = CounterRandom(seed: seed, stream: 9)
            var shuffled = judgments
            random.shuffle(&shuffled)
            var eager = start
            for judgment in shuffled { eager.record([judgment]) }
            let verdict = try lazy.verdict()
            #expect(try eager.verdict() == verdict)
            if verdict.kDrawn < 24 { stoppedCount += 1 }
        }
        #expect(stoppedCount > 20)
    }

    @Test("A run that is stopped says by what rule, with what bound and after how many")
    func reasons() throws {
        let clear = (0..<32).map { makeJudgment($0, [9, 2]) }
        for (rule, reason) in [
            (StoppingRule.exact, StopReason.exact), (.guaranteed, .guaranteed),
            (.predicted, .predicted),
        ] {
            var run = try makeRun(rule, kMax: 32)
            while case .draw(let samples) = run.nextStep() {
                run.record(samples.map { clear[$0] })
            }
            let verdict = try run.verdict()
            #expect(verdict.stopReason == reason)
            #expect(verdict.kCounted == verdict.kDrawn && verdict.kDrawn < 32)
            #expect(verdict.kDrawn.isMultiple(of: 2))
            switch rule {
            case .exact: #expect(verdict.stopBound == 0 && verdict.kDrawn == 20)
            case .guaranteed: #expect(verdict.stopBound == 0.05)
            default: #expect(try #require(verdict.stopBound) <= 0.01)
            }
            #expect(verdict.warnings.isEmpty)
            #expect(verdict.kLimit == nil)
        }
    }

    @Test("What decides between responses never stops a run of one")
    func single() throws {
        var run = try makeRun(.guaranteed, kMax: 8, responses: ["x"])
        #expect(run.nextStep() == .draw(0..<8))
        run.record((0..<8).map { makeJudgment($0, [9]) })
        #expect(run.nextStep() == .stop(.kMax))
        var narrow = try makeRun(.fixed, kMax: 8, responses: ["x"]) { $0.scoreWidth = 3 }
        #expect(narrow.nextStep() == .draw(0..<4))
        narrow.record((0..<4).map { makeJudgment($0, [9]) })
        #expect(narrow.nextStep() == .stop(.width))
        #expect(try narrow.verdict().stopBound == nil)
    }

    @Test("Load lowers the number in mid-run, never below k_min or what was drawn")
    func load() throws {
        var run = try makeRun(.fixed, kMax: 16) { $0.kMin = 4 }
        run.limit(to: 11)
        #expect(run.nextStep() == .draw(0..<10))
        run.limit(to: 14)
        #expect(run.nextStep() == .draw(0..<10))
        run.limit(to: 1)
        #expect(run.nextStep() == .draw(0..<4))
        run.record((0..<6).map { makeJudgment($0, [5, 6]) })
        #expect(run.nextStep() == .stop(.load))
        let verdict = try run.verdict()
        #expect(verdict.stopReason == .load)
        #expect(verdict.kLimit == 4)
        #expect(verdict.warnings == [.judgmentsLost(counted: 6, asked: 16)])
        var drawn = try makeRun(.fixed, kMax: 16)
        drawn.record([makeJudgment(5, [5, 6])])
        drawn.limit(to: 2)
        #expect(drawn.nextStep() == .draw(0..<5))
        var lone = try makeRun(.fixed, kMax: 16)
        lone.limit(to: 0)
        #expect(lone.nextStep() == .draw(0..<1))
    }

    @Test("A round may be cut to what there is time for, in pairs, and the run goes on after it")
    func shortRounds() throws {
        var run = try makeRun(.fixed, kMax: 16)
        #expect(run.nextStep(most: 5) == .draw(0..<4))
        #expect(run.nextStep(most: 1) == .draw(0..<1))
        #expect(run.nextStep(most: .max) == .draw(0..<16))
        run.record((0..<4).map { makeJudgment($0, [5, 6]) })
        #expect(run.nextStep(most: 40) == .draw(4..<16))
        run.limit(to: 8)
        #expect(run.nextStep(most: 40) == .draw(4..<8))
        run.interrupt(.deadline)
        #expect(run.nextStep(most: 1) == .stop(.deadline))
        #expect(try run.verdict().kLimit == 8)
    }

    @Test("A deadline counts every judgment that is there, also after a gap")
    func deadline() throws {
        var run = try makeRun(.predicted, kMax: 16)
        run.record([makeJudgment(0, [5, 6]), makeJudgment(3, [4, 8])])
        run.interrupt(.deadline)
        let verdict = try run.verdict()
        #expect(verdict.countedIndexes == [0, 3])
        #expect(verdict.stopReason == .deadline)
    }

    @Test("A rule that has held, or a run that is full, is not undone by an interruption")
    func lateInterruption() throws {
        var run = try makeRun(.predicted, kMax: 16)
        run.record((0..<8).map { makeJudgment($0, [10, 1]) })
        run.interrupt(.deadline)
        #expect(run.nextStep() == .stop(.predicted))
        #expect(try run.verdict().kDrawn == 4)
        var full = try makeRun(.fixed, kMax: 2)
        full.record((0..<2).map { makeJudgment($0, [10, 1]) })
        full.interrupt(.load)
        #expect(full.nextStep() == .stop(.kMax))
    }
}

struct MetaFilterTests {
    private func makeRun(
        _ metaScores: [Double?],
        _ change: (inout ScoreRequestDraft) -> Void
    ) throws -> ScoringRun {
        var draft = makeDraft()
        draft.kMax = metaScores.count
        change(&draft)
        var defaults = ScoringDefaults()
        defaults.hasMetaRM = true
        let request = try ScoreRequest(
            validating: draft,
            limits: ScoringLimits(),
            defaults: defaults,
            freshSeed: 1
        )
        var run = ScoringRun(request)
        run.record(
            metaScores.enumerated().map { index, metaScore in
                var judgment = makeJudgment(index, [index + 1, 5])
                judgment.metaScore = metaScore
                return judgment
            }
        )
        return run
    }

    @Test("The best k_meta count; of equal ones the earlier")
    func best() throws {
        let run = try makeRun([0.5, 0.9, 0.5, 0.1]) { $0.kMeta = 2 }
        let verdict = try run.verdict()
        #expect(verdict.countedIndexes == [0, 1])
        #expect(verdict.scores.map(\.total) == [3, 10])
        #expect(verdict.warnings.isEmpty)
    }

    @Test("Unset, half of the judgments count where there is a meta-RM")
    func half() throws {
        let verdict = try makeRun([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) { _ in }.verdict()
        #expect(verdict.countedIndexes == [3, 4, 5])
    }

    @Test("A threshold keeps what reaches it; with k_meta the best of those")
    func threshold() throws {
        let metaScores = [0.5, 0.9, nil, 0.7, 0.49, .nan]
        let all = try makeRun(metaScores) { $0.metaThreshold = 0.5 }.verdict()
        #expect(all.countedIndexes == [0, 1, 3])
        #expect(all.warnings == [.judgmentsLost(counted: 5, asked: 6)])
        let both = try makeRun(metaScores) { ($0.metaThreshold, $0.kMeta) = (0.5, 2) }.verdict()
        #expect(both.countedIndexes == [1, 3])
    }

    @Test("A single kept judgment is warned of")
    func one() throws {
        let verdict = try makeRun([0.5, 0.9]) { $0.kMeta = 1 }.verdict()
        #expect(verdict.countedIndexes == [1])
        #expect(verdict.warnings == [.kMetaOne])
    }

    @Test("Rules 1 and 2 give way to the exact one among the best k_meta, and say so")
    func exactOnly() throws {
        for rule in [StoppingRule.guaranteed, .predicted] {
            let run = try makeRun(Array(repeating: 0.5, count: 8)) {
                ($0.stopping, $0.kMeta) = (rule, 4)
            }
            #expect(try run.verdict().warnings == [.stoppingExactOnly])
            let all = try makeRun(Array(repeating: 0.5, count: 8)) {
                ($0.stopping, $0.kMeta) = (rule, 8)
            }
            #expect(try all.verdict().warnings.isEmpty)
        }
    }

    @Test("If nothing reaches the threshold, the error says what the best was")
    func nothingPasses() throws {
        let run = try makeRun([0.25, 0.5]) { $0.metaThreshold = 0.75 }
        let error = try #require(scoringError { _ = try run.verdict() })
        #expect(error.code == .noJudgment)
        #expect(error.subject == "meta_threshold")
        #expect(error.expected.contains("0.75"))
        #expect(error.found.contains("the best of 2 has 0.5"))
    }

    @Test(
        "Bad filters are refused",
        arguments: [(0, nil), (9, nil), (nil, -0.1), (nil, 1.1), (nil, .nan)] as [(Int?, Double?)]
    )
    func refused(kMeta: Int?, threshold: Double?) throws {
        let error = scoringError {
            _ = try makeRun(Array(repeating: 0.5, count: 8)) {
                ($0.kMeta, $0.metaThreshold) = (kMeta, threshold)
            }
        }
        #expect(error?.code == .sampleCount)
        #expect(error?.subject == (kMeta == nil ? "meta_threshold" : "k_meta"))
    }

    @Test("Rules that need bounds are refused where scores have none")
    func unbounded() throws {
        let check = RequestCheck(limits: ScoringLimits(), defaults: ScoringDefaults())
        for mode in JudgingMode.allCases {
            for rule in StoppingRule.allCases {
                let needsBounds = rule == .exact || rule == .guaranteed
                let error = scoringError { _ = try check.stopping(rule, mode: mode) }
                #expect((error == nil) == (mode.scoreRange != nil || !needsBounds))
                #expect(error.map { $0.code == .notSupported } ?? true)
            }
            let error = scoringError { _ = try check.hostileInputs(.floor, mode: mode) }
            #expect((error == nil) == (mode.scoreRange != nil))
        }
    }
}
