import Foundation
package import Inference

/// A `tokenizer.json` of Hugging Face, read as hostile input.
///
/// Only byte-level BPE in the forms that `PreTokenizer` knows is accepted: whatever would make the
/// ids of a text differ from those of the library that wrote the file is refused, never ignored. The
/// one exception is the text of an added token such as "<tool_call>": content never becomes one.
package struct TokenizerJSON: Sendable {
    /// The longest file that is read: twice the longest one known.
    package static let maximumBytes = 64 << 20

    private let name: String
    private let content: Content

    /// Reads a file.
    ///
    /// Throws: `notFound`, `unreadable`, `notRegularFile`, `limit`, `changed`, `badFormat`.
    package init(at path: String) throws(ImportError) {
        let file = try readWholeFile(at: path, maximumBytes: Self.maximumBytes)
        try self.init(file.bytes, name: file.name)
    }

    /// Parses the bytes of a file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - name: What error texts call it.
    /// - Throws: `limit`, `badFormat`.
    package init(_ bytes: [UInt8], name: String) throws(ImportError) {
        self.name = name
        content = try decodeJSON(Content.self, bytes, name: name, maximumBytes: Self.maximumBytes)
    }

    /// The tokenizer that the file describes, checked.
    ///
    /// - Parameter config: The `tokenizer_config.json` beside it, which names the special tokens.
    /// - Returns: A model that `Tokenizer` accepts.
    /// - Throws: `unsupported`, `badFormat`, `limit`.
    package func model(
        config: TokenizerConfigJSON? = nil
    ) throws(ImportError) -> TokenizerModel {
        try checkSupport()
        let tokens = try tokensByID()
        var model = TokenizerModel(
            tokens: tokens,
            merges: content.model.merges.texts,
            controlIDs: content.addedTokens.filter(\.special).map { UInt32($0.id) },
            preTokenizer: try preTokenizer().rawValue
        )
        model.beginID = try controlID(config?.beginToken, role: "bos_token")
        model.endID = try controlID(config?.endToken, role: "eos_token")
        model.paddingID = try controlID(config?.paddingToken, role: "pad_token")
        model.addsBegin = config?.addsBegin ?? false
        try check(model)
        return model
    }

    /// Makes sure that the tokenizer can be built, and that no byte becomes an "unknown" token.
    private func check(_ model: TokenizerModel) throws(ImportError) {
        let tokenizer: Tokenizer
        do {
            tokenizer = try Tokenizer(model)
        } catch {
            throw self.error(
                .badFormat,
                error.subject,
                expected: error.expected,
                found: error.found
            )
        }
        if let unknown = content.model.unknownToken, !tokenizer.missingBytes.isEmpty {
            throw self.error(
                .unsupported,
                "model.unk_token",
                expected: "none, as \(tokenizer.missingBytes.count) bytes have no token",
                found: quoted(unknown)
            )
        }
    }

    private func checkSupport() throws(ImportError) {
        let model = content.model
        try require(model.type == "BPE", "model.type", "\"BPE\"", quoted(model.type))
        try require(model.dropout ?? 0 == 0, "model.dropout", "none", "\(model.dropout ?? 0)")
        try require(model.byteFallback != true, "model.byte_fallback", "false", "true")
        try require(model.ignoreMerges != true, "model.ignore_merges", "false", "true")
        for (field, text) in [
            ("continuing_subword_prefix", model.continuingPrefix ?? ""),
            ("end_of_word_suffix", model.wordSuffix ?? ""),
        ] {
            try require(text.isEmpty, "model.\(field)", "none", quoted(text))
        }
        for token in content.addedTokens {
            try require(
                token.special || token.isMarkup,
                "added token \(token.id)",
                "a special token or one like <this>, as others would be looked for in every text",
                quoted(token.content)
            )
        }
    }

    private func require(
        _ isSupported: Bool,
        _ subject: String,
        _ expected: String,
        _ found: String
    ) throws(ImportError) {
        guard isSupported else {
            throw error(.unsupported, subject, expected: expected, found: found)
        }
    }

    private func preTokenizer() throws(ImportError) -> PreTokenizer {
        let steps = content.preTokenizer.map { $0.steps ?? [$0] } ?? []
        if steps.count == 2, steps[0].isQwen2Split, steps[1].isBareByteLevel {
            let normalizer = content.normalizer?.type ?? "none"
            try require(normalizer == "NFC", "normalizer", "NFC, as in Qwen2", quoted(normalizer))
            return .qwen2
        }
        let normalizer = content.normalizer.map { quoted($0.type) }
        try require(normalizer == nil, "normalizer", "none", normalizer ?? "none")
        if let last = steps.last, last.isPlainByteLevel {
            if steps.count == 1 { return .gpt2 }
            if steps.count == 2, steps[0].isDigits { return .smollm }
        }
        throw error(
            .unsupported,
            "pre_tokenizer",
            expected: "ByteLevel (add_prefix_space false, use_regex true), "
                + "alone or after Digits (individual_digits true), or the Split of Qwen2",
            found: steps.isEmpty ? "none" : steps.map { quoted($0.type) }.joined(separator: ", ")
        )
    }

    /// The texts in order of id: the ids of the vocabulary and the added tokens must be 0, 1, 2, ...
    private func tokensByID() throws(ImportError) -> [String] {
        let entries =
            content.model.vocabulary.map { ($0.value, $0.key) }
            + content.addedTokens.map { ($0.id, $0.content) }
        var tokens = [String?](repeating: nil, count: entries.count)
        for (id, text) in entries {
            guard tokens.indices.contains(id) else {
                throw error(
                    .badFormat,
                    "token \(quoted(text))",
                    expected: "an id from 0 to \(tokens.count - 1)",
                    found: "\(id)"
                )
            }
            if let other = tokens[id], !other.utf8.elementsEqual(text.utf8) {
                throw error(
                    .badFormat,
                    "token \(id)",
                    expected: "one text",
                    found: "\(quoted(min(other, text))) and \(quoted(max(other, text)))"
                )
            }
            tokens[id] = text
        }
        // An added token may stand in the vocabulary too, so the end of the list may be empty.
        let count = (tokens.lastIndex { $0 != nil } ?? -1) + 1
        for id in 0..<count where tokens[id] == nil {
            throw error(.badFormat, "token \(id)", expected: "a text", found: "none")
        }
        return tokens.compactMap(\.self)
    }

    private func controlID(_ text: String?, role: String) throws(ImportError) -> UInt32? {
        guard let text else { return nil }
        let token = content.addedTokens.first { $0.content.utf8.elementsEqual(text.utf8) }
        guard let token else {
            throw error(
                .badFormat,
                role,
                expected: "the text of a special token",
                found: quoted(text)
            )
        }
        return UInt32(token.id)
    }

    private func error(
        _ code: ImportError.Code,
        _ subject: String,
        expected: String,
        found: String
    ) -> ImportError {
        ImportError(code, subject: "\(name): \(subject)", expected: expected, found: found)
    }
}
