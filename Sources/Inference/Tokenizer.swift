/// Text to token ids and back, by byte-level BPE.
///
/// Encoding treats all text alike: a control token's text in it is encoded as ordinary characters.
package struct Tokenizer: Sendable {
    /// The token that begins a text, if the model has one.
    package let beginID: TokenID?
    /// The token that ends an answer, if the model has one.
    package let endID: TokenID?
    /// Whether a prompt has to start with `beginID`; `encode` never adds it.
    package let addsBegin: Bool
    /// The bytes that the vocabulary has no token for, in order; encoding leaves them out.
    package let missingBytes: [UInt8]

    private let vocabulary: Vocabulary
    private let preTokenizer: PreTokenizer
    private let encoding: BytePairEncoding

    /// Checks a model and makes its tables.
    ///
    /// Throws: `invalidTokenizer`, naming the first token, merge or id that is wrong.
    /// Cost: about 0.1 s for 49,152 tokens, 0.3 s for 151,936.
    package init(_ model: TokenizerModel) throws(InferenceError) {
        guard let preTokenizer = PreTokenizer(rawValue: model.preTokenizer) else {
            let known = PreTokenizer.allCases.map(\.rawValue).joined(separator: " or ")
            throw .tokenizer(
                "the pre-tokenizer",
                expected: known,
                found: "\"\(model.preTokenizer.prefix(40))\""
            )
        }
        self.preTokenizer = preTokenizer
        vocabulary = try Vocabulary(model)
        encoding = try BytePairEncoding(model, vocabulary: vocabulary)
        beginID = try Self.checked(model.beginID, named: "begin", of: vocabulary)
        endID = try Self.checked(model.endID, named: "end", of: vocabulary)
        _ = try Self.checked(model.paddingID, named: "padding", of: vocabulary)
        addsBegin = model.addsBegin
        if addsBegin, beginID == nil {
            throw .tokenizer(
                "the begin token",
                expected: "an id, as prompts have to start with it",
                found: "none"
            )
        }
        let byteIDs = encoding.byteIDs
        missingBytes = (UInt8.min...UInt8.max).filter {
            byteIDs[Int($0)] == BytePairEncoding.none
        }
    }

    /// The number of tokens.
    package var vocabularyCount: Int { vocabulary.count }

    /// The ids of a text: never a control token, whatever the text says.
    ///
    /// Bytes that the vocabulary has no token for (`missingBytes`) are left out, as the reference
    /// does; where the pre-tokenizer normalizes, text is brought to NFC first.
    /// Cost: O(n log n) in the bytes of the text.
    package func encode(_ text: String) -> [TokenID] {
        let bytes = Array((preTokenizer.normalizes ? normalFormC(text) : text).utf8)
        var ids: [TokenID] = []
        ids.reserveCapacity(bytes.count / 3)
        var work = MergeWork()
        var start = 0
        while start < bytes.count {
            let end = preTokenizer.endOfWord(from: start, in: bytes)
            encoding.append(bytes[start..<end], to: &ids, using: &work)
            start = end
        }
        return ids
    }

    /// The control token with a text such as "<|im_start|>", if the model has it.
    package func controlToken(_ text: String) -> TokenID? {
        vocabulary.controlToken(text)
    }

    /// Whether an id is a control token.
    package func isControl(_ id: TokenID) -> Bool {
        vocabulary.isControl(id)
    }

    /// The bytes that a token stands for, which may be a part of a character.
    ///
    /// - Returns: Nothing for a control token or an id that is not in the vocabulary.
    package func bytes(of id: TokenID) -> [UInt8] {
        Array(vocabulary.bytes(of: id))
    }

    /// The text of tokens, without the control tokens; invalid UTF-8 becomes U+FFFD.
    package func decode(_ ids: [TokenID]) -> String {
        var bytes: [UInt8] = []
        for id in ids { bytes += vocabulary.bytes(of: id) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func checked(
        _ id: UInt32?,
        named name: String,
        of vocabulary: Vocabulary
    ) throws(InferenceError) -> TokenID? {
        guard let id else { return nil }
        guard id < vocabulary.count else {
            throw .tokenizer(
                "the \(name) token",
                expected: "an id below \(vocabulary.count)",
                found: "\(id)"
            )
        }
        return TokenID(id)
    }
}
