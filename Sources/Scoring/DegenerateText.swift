/// Tells whether a text says nothing, though it shows something.
///
/// Such texts make judges give high scores to no answer at all. What must not be caught are short
/// answers: "42", "B", "[]", "%", an emoji, a fenced line of code.
///
/// Source: "One token to fool LLM-as-a-judge", arXiv 2507.08794, for the kinds.
struct DegenerateText {
    /// Why the text says nothing; nil if it may say something.
    let reason: String?

    init(_ text: String) {
        reason =
            Self.emptiness(of: text) ?? Self.knownPhrase(in: text) ?? Self.repetition(in: text)
    }

    // MARK: What the characters are

    private enum Kind {
        case hidden
        /// Letters, digits and their marks, and symbols: they can be an answer by themselves.
        case content
        /// Brackets, and the signs that are operators in programs: a few can be an answer.
        case sign
        case punctuation
    }

    private static func emptiness(of text: String) -> String? {
        var content = 0
        var signs = 0
        var punctuation = 0
        for scalar in text.unicodeScalars {
            switch kind(of: scalar) {
            case .hidden: break
            case .content: content += 1
            case .sign: signs += 1
            case .punctuation: punctuation += 1
            }
        }
        let visible = content + signs + punctuation
        if content == 0, signs == 0 || visible > signCountMax { return "bare punctuation" }
        if visible >= shareCountMin, content * contentShare < visible {
            return "only \(content) letters, digits and symbols of \(visible) characters"
        }
        return nil
    }

    /// "{}", "**=" and "()[]" are answers; a longer row of signs alone is not.
    private static let signCountMax = 8
    /// At least one character in ten is content, in texts of 32 visible characters or more.
    private static let contentShare = 10
    private static let shareCountMin = 32

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        if scalar.isASCII { return kind(ofASCII: UInt8(truncatingIfNeeded: scalar.value)) }
        guard isVisible(scalar) else { return .hidden }
        switch scalar.properties.generalCategory {
        case .openPunctuation, .closePunctuation: return .sign
        case .connectorPunctuation, .dashPunctuation, .initialPunctuation, .finalPunctuation,
            .otherPunctuation, .modifierSymbol:
            return .punctuation
        default: return .content
        }
    }

    private static func kind(ofASCII byte: UInt8) -> Kind {
        switch byte {
        case 0...0x20, 0x7F: .hidden
        case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"),
            UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "#"):
            .punctuation
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "&"), UInt8(ascii: "/"),
            UInt8(ascii: "%"), UInt8(ascii: "@"), UInt8(ascii: "\\"), UInt8(ascii: "*"),
            UInt8(ascii: "^"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            .sign
        default: .content
        }
    }

    // MARK: Phrases that are known to fool judges

    private static func knownPhrase(in text: String) -> String? {
        guard text.utf8.count <= OpeningPhrases.byteCountMax, OpeningPhrases.make(up: text) else {
            return nil
        }
        return "nothing but an opening phrase"
    }

    // MARK: One piece over and over

    private static func repetition(in text: String) -> String? {
        let bytes = Array(text.utf8.drop { $0.isASCIISpace })[...].trimmedEnd
        guard bytes.count >= repetitionBytes else { return nil }
        let share = RepeatedWindows(bytes).share
        guard share >= repeatedShare else { return nil }
        return "one piece over and over (\(Int(100 * share))% stood there before)"
    }

    /// Four times are too many: a piece that stands m times gives a share of about (m - 1) / m.
    ///
    /// Shorter texts than 40 bytes are let be.
    private static let repeatedShare = 0.75
    private static let repetitionBytes = 40
}
