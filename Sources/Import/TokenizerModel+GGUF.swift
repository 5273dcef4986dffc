import Inference

extension TokenizerModel {
    /// The tokenizer of a GGUF file; only byte-level BPE, which GGUF calls "gpt2".
    ///
    /// Tokens that the file marks as unknown, control or unused are never made from text.
    /// Throws: `badFormat`, `limit`, `unsupported`.
    init(_ file: GGUFFile) throws(ImportError) {
        let prefix = "tokenizer.ggml."
        let kind = try file.text(prefix + "model")
        guard kind == "gpt2" else {
            throw file.error(
                .unsupported,
                file.subject(prefix + "model"),
                expected: "\"gpt2\", byte-level BPE",
                found: quoted(kind)
            )
        }
        let tokens = try file.texts(prefix + "tokens")
        self.init(
            tokens: tokens,
            merges: try file.texts(prefix + "merges"),
            controlIDs: try readControlIDs(file, tokenCount: tokens.count),
            preTokenizer: try file.text(prefix + "pre")
        )
        beginID = try readTokenID(prefix + "bos_token_id", in: file, tokenCount: tokens.count)
        endID = try readTokenID(prefix + "eos_token_id", in: file, tokenCount: tokens.count)
        paddingID = try readTokenID(prefix + "padding_token_id", in: file, tokenCount: tokens.count)
        addsBegin = try file.flag(prefix + "add_bos_token")
        guard try !file.flag(prefix + "add_eos_token") else {
            throw file.error(
                .unsupported,
                file.subject(prefix + "add_eos_token"),
                expected: "false",
                found: "true"
            )
        }
        try check(in: file)
    }

    private func check(in file: GGUFFile) throws(ImportError) {
        do {
            _ = try Tokenizer(self)
        } catch {
            throw file.error(
                .badFormat,
                "tokenizer: \(error.subject)",
                expected: error.expected,
                found: error.found
            )
        }
    }
}

private func readControlIDs(
    _ file: GGUFFile,
    tokenCount: Int
) throws(ImportError) -> [UInt32] {
    let key = "tokenizer.ggml.token_type"
    let types = try file.integers(key)
    guard types.count == tokenCount else {
        throw file.error(
            .badFormat,
            file.subject(key),
            expected: "\(tokenCount) types, one for each token",
            found: "\(types.count)"
        )
    }
    var controlIDs: [UInt32] = []
    for (id, type) in types.enumerated() {
        switch type {
        case 1, 4: continue  // normal, user defined
        case 2, 3, 5: controlIDs.append(UInt32(id))  // unknown, control, unused
        default:
            throw file.error(
                .unsupported,
                "\(file.subject(key)), token \(id)",
                expected: "a type from 1 to 5",
                found: "\(type)"
            )
        }
    }
    return controlIDs
}

private func readTokenID(
    _ key: String,
    in file: GGUFFile,
    tokenCount: Int
) throws(ImportError) -> UInt32? {
    guard let value = file.metadata[key] else { return nil }
    guard let id = value.count, id < tokenCount else {
        throw file.error(
            .badFormat,
            file.subject(key),
            expected: "the id of one of \(tokenCount) tokens",
            found: value.description
        )
    }
    return UInt32(id)
}
