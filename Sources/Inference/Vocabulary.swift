/// The checked tokens of a tokenizer: what each id means in bytes, and which ids are control tokens.
struct Vocabulary: Sendable {
    /// The most tokens that are accepted: four times the largest vocabulary in use.
    static let maximumCount = 1 << 20
    /// The longest token text that is accepted.
    static let maximumTokenBytes = 4096

    /// What all tokens mean, one after the other; nothing for a control token.
    private var bytes: [UInt8] = []
    /// Where each token's bytes end.
    ///
    /// Shape: [tokens].
    private var ends: [Int] = []
    /// Whether each id is a control token.
    ///
    /// Shape: [tokens].
    private let isControlByID: [Bool]
    /// The control tokens by their UTF-8.
    private var controlIDs: [[UInt8]: TokenID] = [:]

    /// Checks the tokens and the control ids of a model.
    ///
    /// Throws: `invalidTokenizer` for too few or too many tokens, an empty or overlong text, or a
    /// control id that is no token.
    init(_ model: TokenizerModel) throws(InferenceError) {
        guard (1...Self.maximumCount).contains(model.tokens.count) else {
            throw .tokenizer(
                "the vocabulary",
                expected: "1 to \(Self.maximumCount) tokens",
                found: "\(model.tokens.count)"
            )
        }
        isControlByID = try Self.controlFlags(model)
        ends.reserveCapacity(model.tokens.count)
        for (id, token) in model.tokens.enumerated() {
            guard (1...Self.maximumTokenBytes).contains(token.utf8.count) else {
                throw .tokenizer(
                    "token \(id)",
                    expected: "a text of 1 to \(Self.maximumTokenBytes) bytes",
                    found: "\(token.utf8.count) bytes"
                )
            }
            if isControlByID[id] {
                controlIDs[Array(token.utf8)] = TokenID(UInt32(id))
            } else {
                // A token outside the alphabet is literal text, as Hugging Face decodes it.
                bytes += ByteAlphabet.bytes(of: token) ?? Array(token.utf8)
            }
            ends.append(bytes.count)
        }
    }

    /// The number of tokens.
    var count: Int { ends.count }

    /// Whether an id is a control token.
    func isControl(_ id: TokenID) -> Bool {
        id.rawValue < isControlByID.count && isControlByID[Int(id.rawValue)]
    }

    /// The control token with a text, if there is one.
    func controlToken(_ text: String) -> TokenID? {
        controlIDs[Array(text.utf8)]
    }

    /// What an id means in bytes: nothing for a control token or an id that is not in the vocabulary.
    func bytes(of id: TokenID) -> ArraySlice<UInt8> {
        let index = Int(id.rawValue)
        guard index < ends.count else { return [] }
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    private static func controlFlags(_ model: TokenizerModel) throws(InferenceError) -> [Bool] {
        var flags = [Bool](repeating: false, count: model.tokens.count)
        for id in model.controlIDs {
            guard id < flags.count else {
                throw .tokenizer(
                    "control token \(id)",
                    expected: "an id below \(flags.count)",
                    found: "\(id)"
                )
            }
            flags[Int(id)] = true
        }
        return flags
    }
}

extension InferenceError {
    /// An error about a tokenizer's model.
    static func tokenizer(_ subject: String, expected: String, found: String) -> InferenceError {
        InferenceError(
            .invalidTokenizer,
            subject: "tokenizer: \(subject)",
            expected: expected,
            found: found
        )
    }
}
