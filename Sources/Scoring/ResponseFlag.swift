/// What a caller should know about a response beside its score.
package enum ResponseFlag: String, Hashable, Sendable, CaseIterable {
    /// No visible character.
    case empty
    /// Byte for byte equal to an earlier response of the request.
    case duplicate

    /// Finds the flags of each response.
    ///
    /// - Returns: The flags in the order of the cases. Shape: [responses].
    package static func flags(of responses: [CandidateResponse]) -> [[ResponseFlag]] {
        var seen: Set<[UInt8]> = []
        return responses.map { response in
            // Bytes, since equality of strings also unites what is only canonically equivalent.
            let isNew = seen.insert(Array(response.content.utf8)).inserted
            return (hasVisibleText(response.content) ? [] : [.empty]) + (isNew ? [] : [.duplicate])
        }
    }
}

/// Tells whether a text has at least one character that shows on a page.
func hasVisibleText(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
        guard !scalar.properties.isDefaultIgnorableCodePoint, scalar != "\u{2800}" else {
            return false
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return false
        default:
            return true
        }
    }
}
