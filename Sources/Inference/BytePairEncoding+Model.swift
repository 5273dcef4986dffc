extension BytePairEncoding {
    /// The most merges that are accepted: no vocabulary needs more than one a token.
    static let maximumMergeCount = Vocabulary.maximumCount

    /// Checks the merges of a model and makes the tables.
    ///
    /// Throws: `invalidTokenizer` for two tokens of one text, a merge that is not two known tokens
    /// whose joined text is a known token, a merge that is there twice, or a control token
    /// that encoding could produce.
    init(_ model: TokenizerModel, vocabulary: Vocabulary) throws(InferenceError) {
        guard model.merges.count <= Self.maximumMergeCount else {
            throw .tokenizer(
                "the merges",
                expected: "at most \(Self.maximumMergeCount)",
                found: "\(model.merges.count)"
            )
        }
        let lookup = try TokenLookup(model)
        var ranks: [UInt64: UInt32] = [:]
        ranks.reserveCapacity(model.merges.count)
        var mergedIDs: [UInt32] = []
        mergedIDs.reserveCapacity(model.merges.count)
        for (rank, merge) in model.merges.enumerated() {
            let (left, right, merged) = try lookup.parts(of: merge, rank: rank)
            for id in [left, right, merged] where vocabulary.isControl(TokenID(id)) {
                throw .tokenizer(
                    "merge \(rank)",
                    expected: "no control token",
                    found: "token \(id)"
                )
            }
            let first = ranks.updateValue(UInt32(rank), forKey: Self.key(left, right))
            if let first {
                throw .tokenizer(
                    "merge \(rank)",
                    expected: "each merge once",
                    found: "merge \(first) again"
                )
            }
            mergedIDs.append(merged)
        }
        self.init(
            byteIDs: try Self.byteIDs(lookup, vocabulary: vocabulary),
            ranks: ranks,
            mergedIDs: mergedIDs
        )
    }

    /// The token of each single byte; a vocabulary may lack some.
    private static func byteIDs(
        _ lookup: TokenLookup,
        vocabulary: Vocabulary
    ) throws(InferenceError) -> [UInt32] {
        var ids: [UInt32] = []
        for (byte, scalar) in ByteAlphabet.scalars.enumerated() {
            let id = lookup.id(of: Array(String(scalar).utf8)[...])
            if let id, vocabulary.isControl(TokenID(id)) {
                throw .tokenizer(
                    "token \(id)",
                    expected: "a plain token, as it writes byte \(byte)",
                    found: "a control token"
                )
            }
            ids.append(id ?? none)
        }
        guard ids.contains(where: { $0 != none }) else {
            throw .tokenizer(
                "the vocabulary",
                expected: "tokens of single bytes in the byte-level alphabet",
                found: "none"
            )
        }
        return ids
    }
}

/// Finds tokens by the UTF-8 of their text; Swift's `String` would take two texts that differ in
/// Unicode normalisation for one.
private struct TokenLookup {
    private var ids: [ArraySlice<UInt8>: UInt32] = [:]

    init(_ model: TokenizerModel) throws(InferenceError) {
        var texts: [UInt8] = []
        var ends: [Int] = []
        ends.reserveCapacity(model.tokens.count)
        for token in model.tokens {
            texts += token.utf8
            ends.append(texts.count)
        }
        ids.reserveCapacity(ends.count)
        var start = 0
        for (id, end) in ends.enumerated() {
            if let first = ids.updateValue(UInt32(id), forKey: texts[start..<end]) {
                throw .tokenizer(
                    "token \(id)",
                    expected: "a text of its own",
                    found: "the text of token \(first)"
                )
            }
            start = end
        }
    }

    func id(of text: ArraySlice<UInt8>) -> UInt32? {
        ids[text]
    }

    /// The ids of a merge's two parts and of the token that they make.
    func parts(
        of merge: String,
        rank: Int
    ) throws(InferenceError) -> (left: UInt32, right: UInt32, merged: UInt32) {
        let texts = merge.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard texts.count == 2 else {
            throw .tokenizer(
                "merge \(rank)",
                expected: "two tokens with one space between them",
                found: "\(texts.count - 1) spaces"
            )
        }
        let parts = texts.map { Array($0) }
        guard let left = ids[parts[0][...]], let right = ids[parts[1][...]] else {
            throw .tokenizer(
                "merge \(rank)",
                expected: "two tokens of the vocabulary",
                found: quoted(merge)
            )
        }
        guard let merged = ids[(parts[0] + parts[1])[...]] else {
            throw .tokenizer(
                "merge \(rank)",
                expected: "parts that make a token of the vocabulary",
                found: quoted(merge)
            )
        }
        return (left, right, merged)
    }

    /// The beginning of a text from a model file, fit for an error message.
    private func quoted(_ text: String) -> String {
        "\"" + text.prefix(40).unicodeScalars.map { $0.escaped(asASCII: true) }.joined() + "\""
    }
}
