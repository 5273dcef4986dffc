import Inference

/// A small byte-level vocabulary: the 256 bytes, some merges, and control tokens at the end.
enum TokenizerFixture {
    static let controlTexts = ["<|im_start|>", "<|im_end|>", "<repo_name>"]
    static let merges = [
        "h e", "l l", "he ll", "hell o", "Ġ t", "Ġt he", "Ġ Ġ", "ĠĠ ĠĠ", "1 2", "a a", "aa aa",
        "! !",
        "' s", "Ċ Ċ", "i m", "< |",
    ]

    /// The tokens of single bytes have the ids 0 to 255, merges follow in order, control tokens are last.
    static func model(_ preTokenizer: String = "smollm") -> TokenizerModel {
        var tokens = ByteAlphabet.scalars.map { String($0) }
        tokens += merges.map { $0.filter { $0 != " " } }
        let first = UInt32(tokens.count)
        tokens += controlTexts
        var model = TokenizerModel(
            tokens: tokens,
            merges: merges,
            controlIDs: Array(first..<first + UInt32(controlTexts.count)),
            preTokenizer: preTokenizer
        )
        model.beginID = first
        model.endID = first + 1
        model.paddingID = first + 1
        return model
    }

    /// The texts of the tokens that a text becomes, as written in the vocabulary.
    static func tokens(
        _ text: String,
        _ preTokenizer: String = "smollm"
    ) throws(InferenceError) -> [String] {
        let model = model(preTokenizer)
        return try Tokenizer(model).encode(text).map { model.tokens[Int($0.rawValue)] }
    }

    /// Numbers that are the same in every run (SplitMix64).
    struct Numbers: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}
