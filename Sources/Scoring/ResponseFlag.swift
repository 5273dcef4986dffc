/// What a caller should know about a response beside its score.
package enum ResponseFlag: String, Hashable, Sendable, CaseIterable {
    /// No visible character.
    case empty
    /// Byte for byte equal to an earlier response of the request.
    case duplicate
    /// Says nothing: bare punctuation, a phrase known to fool judges, one piece over and over.
    case degenerate
    /// Holds what a judge could take for its own: a score line, control tokens, hidden characters.
    case suspicious

    /// Finds the flags of each response.
    ///
    /// Cost: linear in the length of the responses.
    /// - Returns: The flags in the order of the cases. Shape: [responses].
    package static func flags(of responses: [CandidateResponse]) -> [[ResponseFlag]] {
        var seen: Set<[UInt8]> = []
        return responses.map { response in
            // Bytes, since equality of strings also unites what is only canonically equivalent.
            let isNew = seen.insert(Array(response.content.utf8)).inserted
            let found = Set(HostileFinding.all(in: response.content).map(\.flag))
            return allCases.filter { found.contains($0) || ($0 == .duplicate && !isNew) }
        }
    }
}

/// Tells whether a text has at least one character that shows on a page.
func hasVisibleText(_ text: String) -> Bool { text.unicodeScalars.contains(where: isVisible) }

/// Tells whether a character shows on a page.
func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value > 0x20 && scalar.value < 0x7F }
    guard !scalar.properties.isDefaultIgnorableCodePoint, scalar != "\u{2800}" else { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .unassigned, .spaceSeparator, .lineSeparator,
        .paragraphSeparator:
        return false
    default:
        return true
    }
}
