import Testing

@testable import Scoring

struct ScoreLineTests {
    @Test("A line of two has a choice that ends with a comma and one that ends with the brace")
    func choices() {
        let line = ScoreLine(responseCount: 2)
        #expect(line.opening == "Scores: \\boxed{")
        #expect(line.choices == [(1...10).map { "\($0), " }, (1...10).map { "\($0)}" }])
        #expect(line.text(of: [7, 3]) == "Scores: \\boxed{7, 3}")
        #expect(line.beginnings == ["Scores:", "\\boxed{"])
    }

    @Test("No choice is the beginning of another")
    func choicesAreComplete() {
        for choice in ScoreLine(responseCount: 64).choices {
            for text in choice {
                #expect(choice.count { $0.hasPrefix(text) } == 1)
            }
        }
    }

    @Test(
        "A text in which the line was begun is continued where it stands",
        arguments: [
            ("Good.\nScores:", " \\boxed{"), ("Scores: ", "\\boxed{"), ("Scores: \\bo", "xed{"),
            ("Scores:\n", "\\boxed{"), ("Scores: \\boxed{", ""), ("so \\boxed{", ""),
            ("Good.", "\nScores: \\boxed{"), ("Good.\n", "Scores: \\boxed{"),
            ("", "Scores: \\boxed{"), ("Scor", "\nScores: \\boxed{"),
        ]
    )
    func continued(text: String, expected: String) {
        #expect(ScoreLine(responseCount: 1).opening(after: text) == expected)
    }

    @Test("Whatever the judge wrote, its text with the line gives the scores chosen")
    func completionParses() throws {
        let beginnings = [
            "", "Good", "Scores:", "Scores: \\box", "\\boxed{", "\\boxed{3} Scores:\n",
        ]
        let line = ScoreLine(responseCount: 3)
        for (seed, text) in beginnings.enumerated() {
            var random = CounterRandom(seed: UInt64(seed), stream: 5)
            let scores = (0..<3).map { _ in 1 + random.next(below: 10) }
            let chosen = zip(line.choices, scores).map { $0[$1 - 1] }.joined()
            let written = text + line.opening(after: text) + chosen
            #expect(try Critique(parsing: written, count: 3).scores == scores)
        }
    }
}
