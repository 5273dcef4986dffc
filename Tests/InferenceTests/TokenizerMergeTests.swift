import Inference
import Testing

@Suite("Merges of byte-level BPE")
struct TokenizerMergeTests {
    @Test(
        "merges are applied by rank, leftmost first",
        arguments: [
            ("hello", ["hello"]), ("hell", ["hell"]), ("ello", ["e", "ll", "o"]),
            ("aaaaa", ["aaaa", "a"]), ("aaa", ["aa", "a"]), ("the", ["t", "he"]),
            ("a the", ["a", "Ġthe"]), ("a then", ["a", "Ġthe", "n"]),
        ]
    )
    func ranks(_ text: String, _ tokens: [String]) throws {
        #expect(try TokenizerFixture.tokens(text) == tokens)
    }

    @Test("the queue agrees with merging by hand on random words")
    func naiveTwin() throws {
        let model = TokenizerFixture.model()
        let tokenizer = try Tokenizer(model)
        var random = TokenizerFixture.Numbers(seed: 11)
        for _ in 0..<500 {
            let letters = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                ["a", "a", "h", "e", "l", "l", "o", "i", "m"].randomElement(using: &random) ?? "a"
            }
            let ids = tokenizer.encode(letters.joined())
            #expect(ids.map { model.tokens[Int($0.rawValue)] } == naive(letters, model.merges))
        }
    }

    @Test("a word of 60,000 bytes costs time in proportion, not its square")
    func longWords() throws {
        let tokenizer = try Tokenizer(TokenizerFixture.model())
        let clock = ContinuousClock()
        for unit in ["a", "he", " ", "hello", "!", "é"] {
            let count = 60_000 / unit.utf8.count
            var ids: [TokenID] = []
            let elapsed = clock.measure {
                ids = tokenizer.encode(String(repeating: unit, count: count))
            }
            #expect(tokenizer.decode(ids).utf8.count == count * unit.utf8.count)
            // Quadratic merging takes minutes here; the limit leaves room for a busy machine.
            #expect(elapsed < .seconds(10))
        }
    }

    /// The definition, read literally: join the best pair until there is none.
    private func naive(_ letters: [String], _ merges: [String]) -> [String] {
        var parts = letters
        while true {
            let ranked = parts.indices.dropLast().compactMap { index in
                merges.firstIndex(of: parts[index] + " " + parts[index + 1]).map { ($0, index) }
            }
            guard let (_, index) = ranked.min(by: <) else { return parts }
            parts[index...(index + 1)] = [parts[index] + parts[index + 1]]
        }
    }
}
