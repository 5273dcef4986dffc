import Inference
import Testing

@Suite("Models of a tokenizer that are refused")
struct TokenizerModelTests {
    @Test("the fixture itself is accepted")
    func accepted() throws {
        _ = try Tokenizer(TokenizerFixture.model())
    }

    @Test("an unknown pre-tokenizer is refused and the known ones are named")
    func preTokenizer() {
        let error = refusal { $0.preTokenizer = "qwen9" }
        #expect(error?.expected == "gpt-2 or smollm or qwen2")
        #expect(error?.found == "\"qwen9\"")
    }

    @Test("an empty vocabulary is refused")
    func empty() {
        #expect(refusal { $0.tokens = [] } != nil)
    }

    @Test("an empty token and an overlong token are refused by their id")
    func tokenLengths() {
        #expect(refusal { $0.tokens[256] = "" }?.subject == "tokenizer: token 256")
        let long = String(repeating: "x", count: 5000)
        #expect(refusal { $0.tokens[256] = long }?.found == "5000 bytes")
    }

    @Test("two tokens of one text are refused")
    func duplicate() {
        let error = refusal { $0.tokens.append("hello") }
        #expect(error?.found == "the text of token 259")
    }

    @Test("tokens that differ only in Unicode normalisation are two tokens")
    func normalisation() throws {
        var model = TokenizerFixture.model()
        model.tokens += ["caf\u{E9} x", "cafe\u{301} x"]
        #expect(throws: Never.self) { try Tokenizer(model) }
    }

    @Test(
        "a merge that is not two known tokens is refused by its rank",
        arguments: ["hello", "h e l", "h  e", " he", "he ", "h xyz", "xyz h", "h o"]
    )
    func merges(_ merge: String) {
        let error = refusal { $0.merges[3] = merge }
        #expect(error?.subject == "tokenizer: merge 3")
    }

    @Test("a merge that is there twice is refused")
    func repeatedMerge() {
        let error = refusal { $0.merges.append("h e") }
        #expect(error?.found == "merge 0 again")
    }

    @Test("a merge that makes or takes a control token is refused")
    func controlMerge() {
        let makes = refusal { model in
            model.tokens += ["<|end", "|>", "<|end|>"]
            model.controlIDs.append(UInt32(model.tokens.count - 1))
            model.merges.append("<|end |>")
        }
        #expect(makes?.expected == "no control token")
        #expect(refusal { $0.controlIDs.append(256) }?.expected == "no control token")
    }

    @Test("a control token that writes a single byte is refused")
    func controlByte() {
        #expect(refusal { $0.controlIDs.append(0x41) }?.subject == "tokenizer: token 65")
    }

    @Test("control ids and special ids outside the vocabulary are refused")
    func ids() {
        let count = UInt32(TokenizerFixture.model().tokens.count)
        #expect(refusal { $0.controlIDs.append(count) } != nil)
        #expect(refusal { $0.beginID = count }?.subject == "tokenizer: the begin token")
        #expect(refusal { $0.endID = .max }?.subject == "tokenizer: the end token")
        #expect(refusal { $0.paddingID = count }?.subject == "tokenizer: the padding token")
        #expect(refusal { $0.endID = count - 1 } == nil)
    }

    @Test("a prompt cannot have to start with a token that is not there")
    func begin() {
        let error = refusal { model in
            model.addsBegin = true
            model.beginID = nil
        }
        #expect(error?.subject == "tokenizer: the begin token")
    }

    @Test("a vocabulary without a single byte of the alphabet is refused")
    func otherAlphabet() {
        let model = TokenizerModel(
            tokens: ["▁the", "▁a"],
            merges: [],
            preTokenizer: "gpt-2"
        )
        #expect(throws: InferenceError.self) { try Tokenizer(model) }
    }

    @Test("the alphabet writes each byte in one scalar and reads it back")
    func alphabet() {
        #expect(Set(ByteAlphabet.scalars).count == 256)
        for byte in UInt8.min...UInt8.max {
            #expect(ByteAlphabet.bytes(of: ByteAlphabet.text(of: [byte])) == [byte])
        }
        #expect(ByteAlphabet.text(of: Array(" \n\u{A0}é".utf8)) == "ĠĊÂłÃ©")
        #expect(ByteAlphabet.bytes(of: "a b") == nil)
        #expect(ByteAlphabet.bytes(of: "日") == nil)
    }

    /// The error for the fixture after a change, or nil if it is still accepted.
    private func refusal(_ change: (inout TokenizerModel) -> Void) -> InferenceError? {
        var model = TokenizerFixture.model()
        change(&model)
        do {
            _ = try Tokenizer(model)
            return nil
        } catch {
            #expect(error.code == .invalidTokenizer)
            return error
        }
    }
}
