/// Texts that look like the score line of a judge.
enum ScoreText {
    /// Tells whether a text begins with `\boxed{` and two or more whole numbers of 1...10.
    ///
    /// A single boxed number is how answers to mathematical questions end.
    static func isBoxedList(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.starts(with: box) else { return false }
        var rest = text.dropFirst(box.count)
        var count = 0
        while true {
            rest = rest.drop { $0 == UInt8(ascii: " ") }
            guard let end = endOfScore(rest) else { return false }
            count += 1
            rest = rest[end...].drop { $0 == UInt8(ascii: " ") }
            switch rest.first {
            case UInt8(ascii: ","): rest = rest.dropFirst()
            case UInt8(ascii: "}"): return count > 1
            default: return false
            }
        }
    }

    /// Tells whether a line reads like `Scores: \boxed{7, 3}`, `**Score:** 9/10` or `rating = 8`.
    static func isScoreLine(_ line: ArraySlice<UInt8>) -> Bool {
        var rest = line.drop(while: isMarkup)
        guard let name = names.first(where: { hasPrefix(rest, $0) }) else { return false }
        rest = rest.dropFirst(name.count).drop(while: isMarkup)
        guard rest.first == UInt8(ascii: ":") || rest.first == UInt8(ascii: "=") else {
            return false
        }
        rest = rest.dropFirst().drop(while: isMarkup)
        if rest.starts(with: box) { return true }
        if rest.first == UInt8(ascii: "[") { rest = rest.dropFirst() }
        guard let end = endOfScore(rest) else { return false }
        return rest[end...].first.map { endings.contains($0) } ?? true
    }

    /// Where a whole number of 1...10 ends that the text begins with.
    private static func endOfScore(_ text: ArraySlice<UInt8>) -> Int? {
        let digits = text.prefix(3).prefix { $0.isASCIIDigit }
        guard let first = digits.first, first != UInt8(ascii: "0") else { return nil }
        let isTen = digits.elementsEqual([UInt8(ascii: "1"), UInt8(ascii: "0")])
        return digits.count == 1 || isTen ? digits.endIndex : nil
    }

    private static func hasPrefix(_ text: ArraySlice<UInt8>, _ name: [UInt8]) -> Bool {
        text.count >= name.count && zip(text, name).allSatisfy { $0.asciiLowered == $1 }
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte.isASCIISpace || markup.contains(byte)
    }

    private static let markup = Set("*#_>`-".utf8)
    /// "3-2" is the score of a game, "7.5 points" and "9th" something else again.
    private static let endings = Set(" \t\r,/}])*_;".utf8)
    private static let box = Array(ScoreLine.box.utf8)
    /// Longer names first where one begins another.
    private static let names = [
        "final scores", "final score", "overall scores", "overall score", "total score", "scores",
        "score", "final rating", "overall rating", "ratings", "rating",
    ].map { Array($0.utf8) }
}
