extension TokenizerJSON {
    /// The parts of the file that decide how text becomes ids.
    struct Content: Decodable {
        let model: Model
        let addedTokens: [AddedToken]
        let normalizer: Normalizer?
        let preTokenizer: Step?

        private enum CodingKeys: String, CodingKey {
            case model, normalizer
            case addedTokens = "added_tokens"
            case preTokenizer = "pre_tokenizer"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            model = try fields.decode(Model.self, forKey: .model)
            addedTokens = try fields.decodeIfPresent([AddedToken].self, forKey: .addedTokens) ?? []
            preTokenizer = try fields.decodeIfPresent(Step.self, forKey: .preTokenizer)
            normalizer = try fields.decodeIfPresent(Normalizer.self, forKey: .normalizer)
        }
    }

    /// What is done to text before it is cut.
    struct Normalizer: Decodable {
        let type: String
    }

    /// The vocabulary and the merges.
    struct Model: Decodable {
        let type: String
        let vocabulary: [String: Int]
        let merges: Merges
        let dropout: Double?
        let unknownToken: String?
        let continuingPrefix: String?
        let wordSuffix: String?
        let byteFallback: Bool?
        let ignoreMerges: Bool?

        private enum CodingKeys: String, CodingKey {
            case type, merges, dropout
            case vocabulary = "vocab"
            case unknownToken = "unk_token"
            case continuingPrefix = "continuing_subword_prefix"
            case wordSuffix = "end_of_word_suffix"
            case byteFallback = "byte_fallback"
            case ignoreMerges = "ignore_merges"
        }
    }

    /// Merges by rank; older files write "a b", newer ones ["a", "b"].
    struct Merges: Decodable {
        let texts: [String]

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            var texts: [String] = []
            while !list.isAtEnd {
                if var pair = try? list.nestedUnkeyedContainer() {  // a text is tried next
                    var parts: [String] = []
                    while !pair.isAtEnd, parts.count < 3 {
                        parts.append(try pair.decode(String.self))
                    }
                    texts.append(parts.joined(separator: " "))
                } else {
                    texts.append(try list.decode(String.self))
                }
            }
            self.texts = texts
        }
    }

    /// A token that stands beside the merges.
    struct AddedToken: Decodable {
        let id: Int
        let content: String
        let special: Bool

        /// Whether only text that imitates markup has the token's text in it.
        var isMarkup: Bool {
            content.utf8.count > 2 && content.hasPrefix("<") && content.hasSuffix(">")
        }
    }

    /// One step of the pre-tokenizer, or a sequence of them.
    struct Step: Decodable {
        let type: String
        let steps: [Step]?
        let splitsDigits: Bool?
        let addsPrefixSpace: Bool?
        let usesPattern: Bool?
        let pattern: Pattern?
        let behavior: String?
        let isInverted: Bool?

        /// What a step looks for.
        struct Pattern: Decodable {
            let expression: String?

            private enum CodingKeys: String, CodingKey {
                case expression = "Regex"
            }
        }

        private enum CodingKeys: String, CodingKey {
            case type, pattern, behavior
            case isInverted = "invert"
            case steps = "pretokenizers"
            case splitsDigits = "individual_digits"
            case addsPrefixSpace = "add_prefix_space"
            case usesPattern = "use_regex"
        }

        /// Whether this cuts out every digit alone.
        var isDigits: Bool { type == "Digits" && splitsDigits == true }

        /// Whether this cuts by GPT-2's pattern; files from before `use_regex` mean true.
        var isPlainByteLevel: Bool {
            type == "ByteLevel" && addsPrefixSpace == false && usesPattern != false
        }

        /// Whether this only writes bytes as letters.
        var isBareByteLevel: Bool {
            type == "ByteLevel" && addsPrefixSpace == false && usesPattern == false
        }

        /// Whether this cuts by the pattern of Qwen2.
        var isQwen2Split: Bool {
            type == "Split" && behavior == "Isolated" && isInverted == false
                && pattern?.expression == Self.qwen2Pattern
        }

        /// Source: tokenizer.json of the Qwen2 and Qwen2.5 releases.
        private static let qwen2Pattern =
            #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"#
            + #" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
}
