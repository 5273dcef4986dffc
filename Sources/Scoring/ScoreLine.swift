/// The line that ends every judgment, as data for a grammar over text.
///
/// For two responses it reads `Scores: \boxed{7, 3}`: the opening, then for each response one of
/// its choices; where the better of two is asked, `Better: \boxed{1}`. A decoder that holds to the
/// choices cannot write a malformed line.
package struct ScoreLine: Hashable, Sendable {
    /// The scores that a response can get.
    ///
    /// Source: arXiv 2504.02495, App. D.1
    package static let range = 1...10
    /// What stands between two scores.
    package static let separator = ", "
    /// What ends the line.
    package static let closing = "}"
    /// What every opening ends with, and what the parser looks for.
    package static let box = "\\boxed{"

    /// The text up to the first value, from the prompt template.
    package let opening: String
    /// Number of values.
    package let count: Int
    /// What each value can be.
    package let values: ClosedRange<Int>

    /// Makes the line of a judgment that scores `responseCount` responses.
    package init(responseCount: Int, opening: String = "Scores: \\boxed{") {
        self.init(count: responseCount, values: Self.range, opening: opening)
    }

    /// Makes the line of a judgment that names one of `responseCount` responses by its position.
    package init(choosingOf responseCount: Int, opening: String = "Better: \\boxed{") {
        self.init(count: 1, values: 1...responseCount, opening: opening)
    }

    private init(count: Int, values: ClosedRange<Int>, opening: String) {
        precondition(count >= 1, "a line needs a value")
        precondition(opening.utf8.hasSuffix(Self.box.utf8), "an opening ends with the box")
        self.count = count
        self.values = values
        self.opening = opening
    }

    /// The line with names for its values, for a prompt.
    var form: String {
        let names =
            switch (count, values) {
            case (1, Self.range): ["s"]
            case (1, _): ["r"]
            default: (1...count).map { "s\($0)" }
            }
        return opening + names.joined(separator: Self.separator) + Self.closing
    }

    /// The texts that begin the line: once the judge has written one, the grammar takes over.
    package var beginnings: [String] { name.map { [$0, Self.box] } ?? [Self.box] }

    /// The texts that may follow the opening, one list for each value in turn.
    ///
    /// Each text ends with what follows its value, so that none is the beginning of another ("1"
    /// would be of "10") and the choice of a text ends by itself. Shape: [count][values]
    package var choices: [[String]] {
        (1...count).map { position in
            let end = position == count ? Self.closing : Self.separator
            return values.map { String($0) + end }
        }
    }

    /// What is missing of the opening after a text that the judge wrote.
    ///
    /// A text that ends within the opening is continued; after any other text, such as one that
    /// ran out of its token budget, the whole opening follows on a line of its own.
    package func opening(after text: String) -> String {
        let written = Array(text.utf8)
        let whole = Array(opening.utf8)
        let least = name?.utf8.count ?? whole.count
        for count in stride(from: whole.count, through: least, by: -1)
        where written.hasSuffix(whole[..<count]) {
            return String(decoding: whole[count...], as: UTF8.self)
        }
        if written.hasSuffix(Self.box.utf8) { return "" }
        if let name, written.trimmedEnd.hasSuffix(name.utf8) {
            return String(decoding: whole[name.utf8.count...].trimmed, as: UTF8.self)
        }
        let needsBreak = !written.isEmpty && written.last != UInt8(ascii: "\n")
        return (needsBreak ? "\n" : "") + opening
    }

    /// The mean score under a distribution over the scores of `range`.
    ///
    /// Shape: [scores of `range`]
    package static func expectedScore(_ weights: [Double]) -> Double {
        precondition(weights.count == range.count)
        return zip(range, weights).reduce(0) { $0 + Double($1.0) * $1.1 }
    }

    /// The line that gives these scores.
    package func text(of scores: [Int]) -> String {
        opening + scores.map(String.init).joined(separator: Self.separator) + Self.closing
    }

    /// The opening's text up to its colon, if it has one before the box.
    private var name: String? {
        let head = opening.utf8.dropLast(Self.box.utf8.count)
        guard let colon = head.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return String(opening[...colon])
    }
}
