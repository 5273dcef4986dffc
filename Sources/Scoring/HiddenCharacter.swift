/// Characters that a reader does not see and a tokenizer does.
///
/// Several have honest uses, which are let be: joiners within Arabic, Indic and emoji sequences,
/// direction marks beside right-to-left letters, a byte order mark at the beginning, tags after a
/// black flag, selectors after ideographs.
enum HiddenCharacter {
    /// Tells whether a character is hidden where it stands.
    static func isHidden(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E: false
        // Control characters; a form feed and a next-line character only break lines.
        case 0x0C, 0x85: false
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x200B, 0x2060...0x2064, 0x180E, 0x202A...0x202E, 0x2066...0x206F: true
        case 0xFEFF: previous != nil
        case 0x200C, 0x200D, 0x200E, 0x200F, 0x061C: previous.map(\.isASCII) ?? true
        case 0xE0001...0xE007F: previous.map { !isFlagOrTag($0) } ?? true
        case 0xE0100...0xE01EF: !(previous?.properties.isIdeographic ?? false)
        default: false
        }
    }

    /// Tells whether a hidden character changes the direction in which text is shown.
    static func isDirection(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func isFlagOrTag(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value == 0x1F3F4 || (0xE0020...0xE007F).contains(scalar.value)
    }
}
