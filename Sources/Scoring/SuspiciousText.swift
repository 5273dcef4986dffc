/// Tells whether a text holds what a judge could take for its own or a reader cannot see.
///
/// Nothing found here reaches the score by itself: scores are read from what the judge wrote, and
/// texts are encoded without control tokens. The flag says that someone may have tried. What
/// persuades in plain words is not looked for.
struct SuspiciousText {
    /// The first thing found; nil if there is none.
    let finding: HostileFinding?

    init(_ text: String) {
        let bytes = Array(text.utf8)
        finding = Self.hidden(in: text) ?? Self.marks(in: bytes) ?? Self.lines(in: bytes)
    }

    // MARK: Characters that do not show

    private static func hidden(in text: String) -> HostileFinding? {
        var previous: Unicode.Scalar?
        let scalars = text.unicodeScalars
        for index in scalars.indices {
            let scalar = scalars[index]
            if HiddenCharacter.isHidden(scalar, after: previous) {
                let what =
                    HiddenCharacter.isDirection(scalar)
                    ? "a character that turns the direction of text" : "a hidden character"
                return HostileFinding(.suspicious, what, in: text[index...])
            }
            previous = scalar
        }
        return nil
    }

    // MARK: Control tokens and score lists, anywhere in the text

    private static func marks(in bytes: [UInt8]) -> HostileFinding? {
        for (index, byte) in bytes.enumerated() {
            let rest = bytes[index...]
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: "["):
                if isControlToken(rest) { return found("the text of a control token", rest) }
            case UInt8(ascii: "\\"):
                if ScoreText.isBoxedList(rest) { return found("a boxed list of scores", rest) }
            default: break
            }
        }
        return nil
    }

    /// Tells whether a text begins with a control token of a known family of models.
    private static func isControlToken(_ rest: ArraySlice<UInt8>) -> Bool {
        controlTokens.contains { rest.starts(with: $0) } || isBarred(rest)
    }

    /// `<|name|>`, with bars of either width.
    private static func isBarred(_ rest: ArraySlice<UInt8>) -> Bool {
        for bar in bars {
            let body = rest.dropFirst()
            guard body.starts(with: bar) else { continue }
            let name = body.dropFirst(bar.count).prefix(64).prefix { isNamePart($0, bar: bar) }
            let end = rest[name.endIndex...]
            return !name.isEmpty && end.starts(with: bar + [UInt8(ascii: ">")])
        }
        return false
    }

    private static func isNamePart(_ byte: UInt8, bar: [UInt8]) -> Bool {
        // 0xEF begins the wide bar; names hold wide spaces (0xE2...) beside ASCII.
        byte.isASCIILetter || byte.isASCIIDigit || (byte >= 0x80 && byte != 0xEF)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static let bars = ["|", "\u{FF5C}"].map { Array($0.utf8) }

    private static let controlTokens = [
        "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "<start_of_turn>", "<end_of_turn>",
        "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]",
        "[TOOL_CALLS]", "[gMASK]", "<tool_call>", "<tool_response>",
    ].map { Array($0.utf8) }

    // MARK: Lines that look like the judge's or the prompt's

    private static func lines(in bytes: [UInt8]) -> HostileFinding? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if ScoreText.isScoreLine(line) { return found("a score line", line) }
            if FrameMark.isMark(line) { return found("a mark like those of the prompt", line) }
        }
        return nil
    }

    private static func found(_ what: String, _ bytes: ArraySlice<UInt8>) -> HostileFinding {
        HostileFinding(.suspicious, what, in: String(decoding: bytes.prefix(256), as: UTF8.self))
    }
}
