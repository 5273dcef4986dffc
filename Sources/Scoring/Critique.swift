/// What one sample of the judge says: principles, analysis and scores.
///
/// Source: arXiv 2504.02495, section 2.1 and App. D.1 (the scores are in the last boxed list).
package struct Critique: Hashable, Sendable {
    /// One score for each response, in the order in which they were shown; or the better's position.
    ///
    /// Shape: [count of the line]
    package let scores: [Int]
    /// The criteria that the judge wrote.
    package let principles: [Principle]
    /// The analysis, without the criteria and the score line.
    package let text: String

    /// Reads a judgment from the text that the judge generated, and from nothing else.
    ///
    /// The last boxed list counts, and it alone: where it is malformed, an earlier one is not
    /// taken instead, since the judge did not end on it.
    ///
    /// - Parameters:
    ///   - generated: The generated text, any text at all; never the prompt.
    ///   - count: Number of values that the list must have.
    ///   - values: What each can be.
    /// - Throws: `UnparsableCritique` if there is no list of exactly `count` such integers.
    /// Cost: linear in the length of the text.
    package init(
        parsing generated: String,
        count: Int,
        values: ClosedRange<Int> = ScoreLine.range
    ) throws(UnparsableCritique) {
        let bytes = Array(generated.utf8)
        guard let box = Self.lastBox(in: bytes) else {
            throw UnparsableCritique(
                reason: .noList,
                expectedCount: count,
                values: values,
                found: ""
            )
        }
        let list = BoxedList(bytes: bytes, start: box.upperBound, values: values)
        scores = try list.scores(count: count)
        let outline = CritiqueOutline(bytes[..<Self.endOfAnalysis(in: bytes, before: box)])
        principles = outline.principles
        text = outline.analysis
    }

    /// The criteria of a text that was to hold nothing else.
    package static func principles(in generated: String) -> [Principle] {
        outline(of: generated).principles
    }

    /// Reads what can be read of a text that gave no scores.
    static func outline(of generated: String) -> CritiqueOutline {
        CritiqueOutline(Array(generated.utf8)[...])
    }

    private static func lastBox(in bytes: [UInt8]) -> Range<Int>? {
        let mark = Array(ScoreLine.box.utf8)
        var end = bytes.count
        while end >= mark.count {
            if bytes[(end - mark.count)..<end].elementsEqual(mark) {
                return (end - mark.count)..<end
            }
            end -= 1
        }
        return nil
    }

    /// Leaves out the last line's name ("Scores:") where it stands right before the box.
    private static func endOfAnalysis(in bytes: [UInt8], before box: Range<Int>) -> Int {
        var head = bytes[..<box.lowerBound].trimmedEnd
        // A line that was begun twice has the name twice.
        while head.last == UInt8(ascii: ":") {
            let label = head.dropLast().reversed().prefix { $0.isASCIILetter }
            let word = String(decoding: label.reversed().map(\.asciiLowered), as: UTF8.self)
            guard ["scores", "score", "better"].contains(word) else { break }
            head = head.dropLast(label.count + 1).trimmedEnd
        }
        return head.endIndex
    }
}

/// The bytes of a boxed list, from behind its opening brace.
private struct BoxedList {
    let bytes: [UInt8]
    let start: Int
    let values: ClosedRange<Int>

    func scores(count: Int) throws(UnparsableCritique) -> [Int] {
        var scores: [Int] = []
        var position = start
        while true {
            skipBlanks(&position)
            let score = try integer(at: &position, count: count)
            guard values.contains(score) else { throw error(.outOfRange, count) }
            scores.append(score)
            guard scores.count <= count else { throw error(.wrongCount, count) }
            skipBlanks(&position)
            guard position < bytes.count else { throw error(.unterminated, count) }
            if bytes[position] == UInt8(ascii: "}") { break }
            guard bytes[position] == UInt8(ascii: ",") else { throw error(.notInteger, count) }
            position += 1
        }
        guard scores.count == count else { throw error(.wrongCount, count) }
        return scores
    }

    /// Reads ASCII digits without a leading zero; all beyond the range comes back as one number.
    private func integer(at position: inout Int, count: Int) throws(UnparsableCritique) -> Int {
        guard position < bytes.count else { throw error(.unterminated, count) }
        let digits = bytes[position...].prefix { $0.isASCIIDigit }
        guard let first = digits.first, digits.count == 1 || first != UInt8(ascii: "0") else {
            throw error(.notInteger, count)
        }
        position += digits.count
        guard digits.count <= 2 else { return values.upperBound + 1 }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private func skipBlanks(_ position: inout Int) {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 {
            position += 1
        }
    }

    private func error(_ reason: UnparsableCritique.Reason, _ count: Int) -> UnparsableCritique {
        // Long enough to show the fault, short enough for a log line.
        let shown = bytes[start...].prefix(64).prefix { $0 != UInt8(ascii: "\n") }
        return UnparsableCritique(
            reason: reason,
            expectedCount: count,
            values: values,
            found: String(decoding: shown, as: UTF8.self)
        )
    }
}
