import Inference
import Testing

@Suite("One sample's text")
struct SampleTextTests {
    private let tokenizer: Tokenizer
    private let end: TokenID

    init() throws {
        tokenizer = try Tokenizer(TokenizerFixture.model())
        end = try #require(tokenizer.endID)
    }

    private func encode(_ text: String) -> [TokenID] { tokenizer.encode(text) }

    private func token(_ text: String) throws -> TokenID {
        let ids = encode(text)
        try #require(ids.count == 1, "\(text) is no single token")
        return ids[0]
    }

    private func free(
        _ count: Int,
        stops: [GenerationPlan.Stop] = [],
        otherwise: [TokenID] = []
    ) -> GenerationPlan {
        let stage = GenerationPlan.FreeText(
            tokenCountMax: count,
            stops: stops,
            otherwise: otherwise
        )
        return GenerationPlan(free: stage, choices: [])
    }

    private func start(_ plan: GenerationPlan) -> SampleText {
        SampleText(plan: plan, tokenizer: tokenizer)
    }

    @Test("the budget ends the free text, flags it and forces what the plan says")
    func budget() {
        var text = start(free(3, otherwise: encode("!!")))
        for id in encode("xyz") {
            #expect(!text.isDone)
            text.accept(id)
        }
        #expect(text.isDone)
        #expect(text.isTruncated)
        #expect(text.text == "xyz!!")
        #expect(text.drawnCount == 3)
    }

    @Test("no budget at all ends the free text before the first draw")
    func emptyBudget() {
        let text = start(free(0, otherwise: encode("x")))
        #expect(text.isDone && text.isTruncated)
        #expect(text.text == "x")
        #expect(text.pendingCount == 1)
    }

    @Test("the end token ends the free text unflagged, and is not a part of it")
    func endToken() {
        var text = start(free(10, otherwise: encode("x")))
        text.accept(encode("q")[0])
        text.accept(end)
        #expect(text.isDone && !text.isTruncated)
        #expect(text.text == "qx")
        #expect(!text.tokens.contains(end))
        #expect(text.drawnCount == 2)
    }

    @Test("a stop split over tokens ends the text with its last one")
    func splitStop() {
        var text = start(free(50, stops: [.init("END.", then: encode("z"))]))
        for id in encode("aEND") { text.accept(id) }
        #expect(!text.isDone)
        text.accept(encode(".")[0])
        #expect(text.isDone && !text.isTruncated)
        #expect(text.text == "aEND.z")
        #expect(text.tokens == encode("aEND") + encode(".") + encode("z"))
    }

    @Test("a stop that ends inside a token cuts the token: no byte after the stop stays")
    func stopInsideToken() throws {
        var text = start(free(50, stops: [.init("xhe", then: encode("z"))]))
        text.accept(try token("x"))
        text.accept(try token("hello"))
        #expect(text.isDone)
        #expect(text.text == "xhez")
        #expect(text.tokens == encode("x") + encode("he") + encode("z"))
        #expect(text.drawnCount == 2)
    }

    @Test("a stop that ends with a token keeps the token as it was drawn")
    func stopWithToken() throws {
        var text = start(free(50, stops: [.init("o", then: [])]))
        text.accept(try token("hello"))
        #expect(text.tokens == [try token("hello")])
        #expect(text.isDone)
    }

    @Test("of two stops in one token the one that ends first counts, in any order of the plan")
    func firstStop() throws {
        let stops = [GenerationPlan.Stop("ll", then: encode("2")), .init("e", then: encode("1"))]
        for stops in [stops, stops.reversed()] {
            var text = start(free(50, stops: stops))
            text.accept(try token("hello"))
            #expect(text.text == "he1")
        }
    }

    @Test("a stop on the last token of the budget is a stop, not a truncation")
    func stopAtBudget() {
        var text = start(free(2, stops: [.init("b", then: encode("c"))], otherwise: encode("x")))
        for id in encode("ab") { text.accept(id) }
        #expect(text.text == "abc")
        #expect(!text.isTruncated)
    }

    @Test("a stop is found over the halves of a character, which stay as they were drawn")
    func splitCharacter() {
        // Byte tokens: 0xC3 and 0xA9 are the halves of an e with an accent.
        let halves = encode("\u{E9}")
        #expect(halves.count == 2)
        var text = start(free(50, stops: [.init("\u{E9}", then: [])]))
        text.accept(halves[0])
        #expect(!text.isDone)
        text.accept(halves[1])
        #expect(text.isDone)
        #expect(text.text == "\u{E9}")
    }

    @Test("a grammar offers what goes on, ascending, and takes by itself what has no alternative")
    func choices() {
        let options = ["1]", "2]", "10]"].map(encode)
        var text = start(GenerationPlan(free: nil, choices: [[encode("[")], options]))
        #expect(text.text == "[" && text.pendingCount == 1)
        #expect(text.allowed == .only([encode("1")[0], encode("2")[0]]))
        text.accept(encode("1")[0])
        #expect(text.allowed == .only([encode("0")[0], encode("]")[0]].sorted()))
        text.accept(encode("0")[0])
        #expect(text.isDone)
        #expect(text.text == "[10]")
        #expect(text.allowed == nil)
        #expect(text.drawnCount == 2)
    }

    @Test("a plan that forces everything is done at once, its tokens waiting for the decoder")
    func forcedOnly() {
        let text = start(GenerationPlan(free: nil, choices: [[encode("abc")], [encode("def")]]))
        #expect(text.isDone)
        #expect(text.text == "abcdef")
        #expect(text.pendingCount == text.tokens.count)
        #expect(text.drawnCount == 0)
    }

    @Test("feeding takes from what is pending; drawn and forced tokens are pending")
    func pending() {
        var text = start(free(10, stops: [.init(".", then: encode("xyz"))]))
        text.accept(encode("a")[0])
        #expect(text.pendingCount == 1)
        text.feed(1)
        #expect(text.pendingCount == 0)
        text.accept(encode(".")[0])
        #expect(text.pendingCount == 4)
        text.feed(3)
        #expect(text.pendingCount == 1)
    }

    /// The bound is what the engine reserves memory by.
    @Test("no plan makes more tokens than its bound, whatever is drawn")
    func bound() {
        var random = TokenizerFixture.Numbers(seed: 5)
        let drawable = (0..<UInt32(tokenizer.vocabularyCount)).map { TokenID($0) }.filter {
            !tokenizer.isControl($0) || $0 == end
        }
        for _ in 0..<500 {
            let stops = ["\n", "e", "lo", "  ", "!!x"].map {
                GenerationPlan.Stop($0, then: encode("ab"))
            }
            var plan = free(
                Int.random(in: 0...6, using: &random),
                stops: Array(stops.shuffled(using: &random).prefix(2)),
                otherwise: encode("0")
            )
            plan.choices = [[encode("["), encode("(")], [encode("12"), encode("3]")]]
            var text = start(plan)
            while let allowed = text.allowed {
                switch allowed {
                case .free: text.accept(drawable.randomElement(using: &random) ?? end)
                case .only(let some): text.accept(some.randomElement(using: &random) ?? end)
                }
            }
            #expect(text.tokens.count <= plan.tokenCountMax)
            #expect(text.tokens.allSatisfy { !tokenizer.isControl($0) })
        }
    }
}
