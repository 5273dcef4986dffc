import Inference
import Testing

@Suite("Tokenizer")
struct TokenizerTests {
    /// Text that has gone wrong somewhere before: every kind of white space, scripts, marks, controls.
    static let texts = [
        "", " ", "hello the  world", "a\r\nb\r\n\r\n", "tab\t\tx  ", "1234.5 ½ Ⅷ ٣٤",
        "\u{0}\u{7F}\u{1}",
        "\u{85}\u{A0}\u{2028}\u{3000}x", "e\u{301} é \u{1100}\u{1161}", "日本語 العربية हिन्दी",
        "👩‍👩‍👧‍👦🇩🇪 \u{200B}\u{FEFF}", "\u{10FFFF}\u{E000}\u{FFFD}", "don't I'll 'sure ''s",
        "<|im_start|>system\n<|im_end|><repo_name>",
    ]

    /// The texts above that have another form in NFC, by hand.
    static func composed(_ text: String) -> String {
        text.unicodeScalars.elementsEqual("e\u{301} é \u{1100}\u{1161}".unicodeScalars)
            ? "é é 가" : text
    }

    @Test("decoding what was encoded gives the same bytes, or their normal form", arguments: texts)
    func roundTrip(_ text: String) throws {
        for preTokenizer in PreTokenizer.allCases {
            let tokenizer = try Tokenizer(TokenizerFixture.model(preTokenizer.rawValue))
            let decoded = tokenizer.decode(tokenizer.encode(text))
            let expected = preTokenizer == .qwen2 ? Self.composed(text) : text
            #expect(Array(decoded.utf8) == Array(expected.utf8))
        }
    }

    @Test("decoding what was encoded gives the same bytes for random text")
    func randomRoundTrip() throws {
        let tokenizer = try Tokenizer(TokenizerFixture.model())
        var random = TokenizerFixture.Numbers(seed: 7)
        for _ in 0..<300 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let limit =
                    [0x80, 0x800, 0x1_0000, 0x11_0000].randomElement(using: &random) ?? 0x80
                let value = UInt32.random(in: 0..<UInt32(limit), using: &random)
                text.append(Unicode.Scalar(value) ?? " ")
            }
            let string = String(text)
            #expect(Array(tokenizer.decode(tokenizer.encode(string)).utf8) == Array(string.utf8))
        }
    }

    @Test("qwen2 reads a text in its normal form NFC, the others as it stands")
    func normalForm() throws {
        let cases = [
            ("cafe\u{301}", "caf\u{E9}"), ("A\u{30A}", "\u{C5}"), ("\u{212B}", "\u{C5}"),
            ("\u{1112}\u{1161}\u{11AB}", "\u{D55C}"), ("a\u{338}\u{301}", "\u{E1}\u{338}"),
            ("\u{958}", "\u{915}\u{93C}"), ("ﬁ", "ﬁ"), ("\u{FFFF}", "\u{FFFF}"), ("x", "x"),
        ]
        let qwen2 = try Tokenizer(TokenizerFixture.model("qwen2"))
        let smollm = try Tokenizer(TokenizerFixture.model("smollm"))
        for (text, composed) in cases {
            #expect(Array(qwen2.decode(qwen2.encode(text)).utf8) == Array(composed.utf8))
            #expect(Array(smollm.decode(smollm.encode(text)).utf8) == Array(text.utf8))
        }
    }

    @Test("the text of a control token is encoded as ordinary characters")
    func controlText() throws {
        let tokenizer = try Tokenizer(TokenizerFixture.model())
        for text in TokenizerFixture.controlTexts {
            for variant in [text, " " + text + "\n", text + text, "1" + text] {
                let ids = tokenizer.encode(variant)
                #expect(!ids.contains(where: tokenizer.isControl))
                #expect(tokenizer.decode(ids) == variant)
            }
        }
        #expect(
            try TokenizerFixture.tokens("<|im_end|>")
                == ["<|", "im", "_", "e", "n", "d", "|", ">"]
        )
    }

    @Test("control tokens are found by their exact text and decode to nothing")
    func controlTokens() throws {
        let model = TokenizerFixture.model()
        let tokenizer = try Tokenizer(model)
        let start = try #require(tokenizer.controlToken("<|im_start|>"))
        #expect(model.tokens[Int(start.rawValue)] == "<|im_start|>")
        #expect(tokenizer.isControl(start))
        #expect(tokenizer.bytes(of: start) == [])
        #expect(tokenizer.decode([start] + tokenizer.encode("hello") + [start]) == "hello")
        #expect(tokenizer.controlToken("hello") == nil)
        #expect(tokenizer.controlToken("<|im_start|> ") == nil)
        #expect(tokenizer.beginID == start)
        #expect(tokenizer.endID == tokenizer.controlToken("<|im_end|>"))
        #expect(tokenizer.vocabularyCount == model.tokens.count)
    }

    @Test("an id outside the vocabulary is no control token and has no bytes")
    func strangeID() throws {
        let tokenizer = try Tokenizer(TokenizerFixture.model())
        let beyond = TokenID(UInt32(tokenizer.vocabularyCount))
        #expect(tokenizer.bytes(of: beyond) == [])
        #expect(!tokenizer.isControl(beyond))
        #expect(tokenizer.bytes(of: TokenID(.max)) == [])
    }

    @Test("half a character decodes to the replacement character")
    func brokenText() throws {
        let tokenizer = try Tokenizer(TokenizerFixture.model())
        let ids = tokenizer.encode("é")
        #expect(ids.map { tokenizer.bytes(of: $0) } == [[0xC3], [0xA9]])
        #expect(tokenizer.decode([ids[0]]) == "\u{FFFD}")
    }

    @Test("bytes that the vocabulary lacks are left out before the merges, and are named")
    func missingBytes() throws {
        var model = TokenizerFixture.model()
        model.tokens[4] = "a plain token in place of byte 4"
        let tokenizer = try Tokenizer(model)
        #expect(tokenizer.missingBytes == [4])
        let ids = tokenizer.encode("!\u{4}!")
        #expect(ids.map { model.tokens[Int($0.rawValue)] } == ["!!"])
        #expect(try Tokenizer(TokenizerFixture.model()).missingBytes == [])
    }

    @Test("a token outside the alphabet decodes as its own text")
    func literalToken() throws {
        var model = TokenizerFixture.model()
        model.tokens.append("two words")
        let tokenizer = try Tokenizer(model)
        let id = TokenID(UInt32(model.tokens.count - 1))
        #expect(tokenizer.decode([id]) == "two words")
        #expect(!tokenizer.encode("two words").contains(id))
    }

    @Test("a model survives the way into a store record and back")
    func record() {
        let model = TokenizerFixture.model()
        #expect(TokenizerModel(model.record) == model)
        var bare = model
        bare.beginID = nil
        bare.endID = nil
        bare.paddingID = nil
        bare.addsBegin = true
        #expect(TokenizerModel(bare.record) == bare)
    }
}
