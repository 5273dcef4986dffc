/// Why a generated text holds no scores.
package struct UnparsableCritique: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of fault.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// There is no boxed list.
        case noList
        /// The text ends within the list.
        case unterminated
        /// Something in the list is not a plain integer.
        case notInteger
        /// An integer is not among the values of the line.
        case outOfRange
        /// The list has another length than the line has values.
        case wrongCount
    }

    /// The kind of fault.
    package let reason: Reason
    /// Number of integers that the list must have.
    package let expectedCount: Int
    /// What each can be.
    package var values = ScoreLine.range
    /// The beginning of the list as it was written.
    package let found: String

    /// One line that says what was expected and what was found.
    package var description: String {
        let shown = found.isEmpty ? "none" : "'\(found)'"
        return "boxed list: expected \(expectedCount) integers from \(values.lowerBound) to "
            + "\(values.upperBound), found \(shown) (\(reason.rawValue))"
    }
}
