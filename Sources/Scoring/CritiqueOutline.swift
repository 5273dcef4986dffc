/// The criteria and the analysis of a generated text.
///
/// Criteria are numbered lines, `1. Accuracy (weight 60%): what to look for`, that stand before a
/// line that begins with "Analysis:". Without such a line they are the numbered lines with a weight
/// at the beginning of the text, and what follows them is the analysis.
struct CritiqueOutline: Hashable, Sendable {
    let principles: [Principle]
    let analysis: String

    init(_ bytes: ArraySlice<UInt8>) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if let heading = lines.firstIndex(where: { Self.analysisStart(of: $0) != nil }) {
            principles = lines[..<heading].compactMap(Self.principle)
            let first = Self.analysisStart(of: lines[heading]) ?? lines[heading]
            analysis = Self.text(bytes[first.startIndex...])
        } else {
            let leading = lines.prefix { line in
                line.trimmed.isEmpty || Self.principle(line)?.weight != nil
            }
            principles = leading.compactMap(Self.principle)
            let rest = lines.dropFirst(leading.count).first?.startIndex ?? bytes.endIndex
            analysis = Self.text(bytes[rest...])
        }
    }

    /// What follows the heading on its own line, or nil if the line is no such heading.
    private static func analysisStart(of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let heading = Array("analysis".utf8)
        let body = line.drop { $0.isASCIISpace || isMarkup($0) }
        guard body.count >= heading.count,
            zip(body, heading).allSatisfy({ $0.asciiLowered == $1 })
        else { return nil }
        let after = body.dropFirst(heading.count).drop(while: isMarkup)
        guard after.first == UInt8(ascii: ":") else { return nil }
        return after.dropFirst().drop(while: isMarkup)
    }

    /// Reads a numbered line.
    private static func principle(_ line: ArraySlice<UInt8>) -> Principle? {
        let body = line.drop { $0.isASCIISpace || isMarkup($0) }
        let number = body.prefix { $0.isASCIIDigit }
        let after = body.dropFirst(number.count)
        guard (1...3).contains(number.count), let mark = after.first,
            mark == UInt8(ascii: ".") || mark == UInt8(ascii: ")")
        else { return nil }
        let (weight, group) = lastWeight(in: after.dropFirst())
        var kept = Array(after.dropFirst())
        if let group {
            let offset = after.startIndex + 1
            let range = (group.lowerBound - offset)..<(group.upperBound - offset)
            let head = Array(kept[..<range.lowerBound].trimmedEnd)
            kept = head + kept[range.upperBound...]
        }
        let name = text(kept[...])
        return name.isEmpty ? nil : Principle(text: name, weight: weight)
    }

    /// Finds the last group in round brackets that holds a weight.
    private static func lastWeight(in line: ArraySlice<UInt8>) -> (Double?, Range<Int>?) {
        var found: (Double?, Range<Int>?) = (nil, nil)
        var open: Int?
        for index in line.indices {
            if line[index] == UInt8(ascii: "(") {
                open = index
            } else if line[index] == UInt8(ascii: ")"), let start = open {
                if let weight = weight(line[(start + 1)..<index]) {
                    found = (weight, start..<(index + 1))
                }
                open = nil
            }
        }
        return found
    }

    /// Reads "weight 60%", "weight: 0.6" or "60%": a number of at most 100, never negative.
    private static func weight(_ group: ArraySlice<UInt8>) -> Double? {
        let word = Array("weight".utf8)
        var body = group.trimmed
        let isNamed =
            body.count > word.count && zip(body, word).allSatisfy { $0.asciiLowered == $1 }
        if isNamed { body = body.dropFirst(word.count) }
        body = body.drop { $0.isASCIISpace || $0 == UInt8(ascii: ":") }
        let isPercentage = body.last == UInt8(ascii: "%")
        if isPercentage { body = body.dropLast().trimmedEnd }
        guard isNamed || isPercentage, (1...6).contains(body.count),
            body.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: ".") }),
            let value = Double(String(decoding: body, as: UTF8.self)), value <= 100
        else { return nil }
        return value
    }

    private static func isMarkup(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "*") || byte == UInt8(ascii: "#")
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.trimmed, as: UTF8.self)
    }
}
