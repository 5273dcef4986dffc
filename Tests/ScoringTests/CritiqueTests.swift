import Testing

@testable import Scoring

struct CritiqueTests {
    @Test("What the score line writes, the parser reads", arguments: 1...8)
    func roundTrip(count: Int) throws {
        for seed in UInt64(0)..<50 {
            var random = CounterRandom(seed: seed, stream: UInt64(count))
            let scores = (0..<count).map { _ in 1 + random.next(below: 10) }
            let line = ScoreLine(responseCount: count).text(of: scores)
            #expect(try Critique(parsing: "It is so.\n" + line, count: count).scores == scores)
            #expect(try Critique(parsing: line + "\n", count: count).scores == scores)
        }
    }

    @Test("Principles, weights and analysis are told apart")
    func outline() throws {
        let critique = try Critique(
            parsing: """
                1. Accuracy (weight 60%): whether the facts (dates too) hold
                2) **Brevity** (Weight: 40): no padding
                3. Tone

                **Analysis:** Response 1 is right.
                1. It is short (90%).
                Scores: \\boxed{7, 3}
                """,
            count: 2
        )
        #expect(
            critique.principles == [
                Principle(text: "Accuracy: whether the facts (dates too) hold", weight: 60),
                Principle(text: "**Brevity**: no padding", weight: 40),
                Principle(text: "Tone"),
            ]
        )
        #expect(critique.text == "Response 1 is right.\n1. It is short (90%).")
        #expect(critique.scores == [7, 3])
    }

    @Test("Without the heading, only weighted lines at the beginning are principles")
    func noHeading() throws {
        let critique = try Critique(
            parsing: "1. Truth (100%)\nGood.\n2. Late (50%)\nScores: \\boxed{5}",
            count: 1
        )
        #expect(critique.principles == [Principle(text: "Truth", weight: 100)])
        #expect(critique.text == "Good.\n2. Late (50%)")
    }

    @Test("The last boxed list counts, and only it")
    func lastList() throws {
        let text = "Not \\boxed{1, 1} but Scores: \\boxed{2, 9} as said"
        #expect(try Critique(parsing: text, count: 2).scores == [2, 9])
        expectReason(.notInteger, "Scores: \\boxed{2, 9} or \\boxed{x}", 2)
    }

    @Test("Spaces and tabs around the scores are no fault")
    func blanks() throws {
        #expect(try Critique(parsing: "\\boxed{ 7 ,\t10 }", count: 2).scores == [7, 10])
    }

    @Test(
        "A malformed list is an outcome with its reason, never a score",
        arguments: [
            ("", 2, .noList), ("7 and 3", 2, .noList), ("\\boxed", 1, .noList),
            ("Scores: 7, 3", 2, .noList), ("\\Boxed{7}", 1, .noList),
            ("\\boxed{", 1, .unterminated), ("\\boxed{7", 1, .unterminated),
            ("\\boxed{7, 3", 2, .unterminated), ("\\boxed{7,", 2, .unterminated),
            ("\\boxed{}", 1, .notInteger), ("\\boxed{10/10}", 1, .notInteger),
            ("\\boxed{-1}", 1, .notInteger), ("\\boxed{+1}", 1, .notInteger),
            ("\\boxed{NaN}", 1, .notInteger), ("\\boxed{7.0}", 1, .notInteger),
            ("\\boxed{07}", 1, .notInteger), ("\\boxed{7,,3}", 2, .notInteger),
            ("\\boxed{7, 3,}", 2, .notInteger), ("\\boxed{{7}, {3}}", 2, .notInteger),
            ("\\boxed{7; 3}", 2, .notInteger), ("\\boxed{٧}", 1, .notInteger),
            ("\\boxed{７}", 1, .notInteger), ("\\boxed{7\u{0301}}", 1, .notInteger),
            ("\\boxed{7\u{0}}", 1, .notInteger), ("\\boxed{seven}", 1, .notInteger),
            ("\\boxed{0}", 1, .outOfRange), ("\\boxed{11}", 1, .outOfRange),
            ("\\boxed{100}", 1, .outOfRange),
            ("\\boxed{5, 5, 5, 5, 5}", 4, .wrongCount), ("\\boxed{5, 5, 5}", 4, .wrongCount),
            ("\\boxed{5}, \\boxed{5}", 2, .wrongCount),
        ] as [(String, Int, UnparsableCritique.Reason)]
    )
    func malformed(text: String, count: Int, reason: UnparsableCritique.Reason) {
        expectReason(reason, text, count)
    }

    @Test("A number of a million digits is out of range, and quickly so")
    func hugeNumber() {
        expectReason(.outOfRange, "\\boxed{" + String(repeating: "9", count: 1_000_000) + "}", 1)
    }

    @Test("A list of another length never counts", arguments: 1...5)
    func otherCounts(count: Int) {
        let line = ScoreLine(responseCount: count).text(of: Array(repeating: 5, count: count))
        for other in 1...6 where other != count {
            expectReason(.wrongCount, line, other)
        }
    }

    @Test("Any bytes at all give either scores in range or an error")
    func fuzz() {
        let words = [
            "\\boxed{", "}", "{", ",", ", ", "1", "10", "11", "-", "0", " ", "\n", "Scores:",
            "Analysis:", "1. x (weight 60%)", "(", ")", "%", "weight", "٣", "\u{0}", "é", "**",
        ].map { Array($0.utf8) }
        for seed in UInt64(0)..<1500 {
            var random = CounterRandom(seed: seed, stream: 1)
            var bytes: [UInt8] = []
            for _ in 0..<random.next(below: 24) {
                if random.next(below: 8) == 0 {
                    bytes.append(UInt8(random.next(below: 256)))
                } else {
                    bytes += words[random.next(below: words.count)]
                }
            }
            _ = checkTotal(bytes, count: 1 + random.next(below: 2))
        }
    }

    @Test("A good judgment with a byte changed, lost or added gives scores in range or an error")
    func mutations() {
        let good = Array("1. Truth (weight 60%): x\nAnalysis: y\nScores: \\boxed{7, 10}\n".utf8)
        var scored = 0
        var refused = 0
        for position in good.indices {
            for byte in [0x00, 0x0A, 0x20, 0x28, 0x2C, 0x30, 0x31, 0x5C, 0x7B, 0x7D, 0xD9, 0xFF] {
                var changed = good
                changed[position] = UInt8(byte)
                var added = good
                added.insert(UInt8(byte), at: position)
                for bytes in [changed, added, Array(good[..<position])] {
                    if checkTotal(bytes, count: 2) { scored += 1 } else { refused += 1 }
                }
            }
        }
        #expect(scored > 0 && refused > 0, "\(scored) scored, \(refused) refused")
    }

    @Test(
        "Long hostile texts take linear time",
        arguments: ["(", "1. (", "\\boxed{", "\\boxed{1, ", "Scores:", "\n", "Analysis", "Score: "]
    )
    func linear(piece: String) {
        // A quadratic parser would need minutes here.
        let text = String(repeating: piece, count: 20_000)
        let judgment = Judgment(index: 0, order: [0], parsing: Judgment.Generation(text: text))
        #expect(judgment.outcome != .scored)
        let closed = Judgment(
            index: 0,
            order: [0],
            parsing: Judgment.Generation(text: text + "\\boxed{4}")
        )
        #expect(closed.scores == [4])
    }

    /// Parses, checks what a parsed critique promises, and says whether there is one.
    private func checkTotal(_ bytes: [UInt8], count: Int) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        // An error is one of the two outcomes that the test allows.
        guard let critique = try? Critique(parsing: text, count: count) else { return false }
        #expect(critique.scores.count == count)
        #expect(critique.scores.allSatisfy(ScoreLine.range.contains))
        #expect(critique.principles.allSatisfy { (0...100).contains($0.weight ?? 0) })
        return true
    }

    private func expectReason(_ reason: UnparsableCritique.Reason, _ text: String, _ count: Int) {
        do {
            let critique = try Critique(parsing: text, count: count)
            Issue.record("scores \(critique.scores) of a malformed text")
        } catch {
            #expect(error.reason == reason, "\(error)")
            #expect(error.expectedCount == count)
        }
    }
}
