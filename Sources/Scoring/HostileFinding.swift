/// Something in a response that could fool a judge.
struct HostileFinding: Hashable, Sendable, CustomStringConvertible {
    let flag: ResponseFlag
    /// What it is, in words.
    let what: String
    /// Where it shows, printable and cut to a few characters.
    let excerpt: String

    init(_ flag: ResponseFlag, _ what: String, in text: some StringProtocol) {
        self.flag = flag
        self.what = what
        excerpt = Self.printable(text)
    }

    var description: String { "\(flag.rawValue): \(what) in \"\(excerpt)\"" }

    /// What a text shows of itself: at most one finding for each flag, in the order of the flags.
    ///
    /// Cost: linear in the length of the text.
    static func all(in text: String) -> [HostileFinding] {
        guard hasVisibleText(text) else {
            return [HostileFinding(.empty, "no visible character", in: text)]
        }
        let degenerate = DegenerateText(text).reason
            .map { HostileFinding(.degenerate, $0, in: text) }
        return [degenerate, SuspiciousText(text).finding].compactMap(\.self)
    }

    /// The beginning of a text, with what does not show as its number.
    private static func printable(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(excerptCount) {
            let isPlain = scalar == " " || isVisible(scalar)
            result += isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        return result + (text.unicodeScalars.dropFirst(excerptCount).isEmpty ? "" : "...")
    }

    private static let excerptCount = 40
}
