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
        /// An integer is outside 1...10.
        case outOfRange
        /// The list has another length than there are responses.
        case wrongCount
    }

    /// The kind of fault.
    package let reason: Reason
    /// Number of scores that the list must have.
    package let expectedCount: Int
    /// The beginning of the list as it was written.
    package let found: String

    /// One line that says what was expected and what was found.
    package var description: String {
        let shown = found.isEmpty ? "none" : "'\(found)'"
        return "boxed list: expected \(expectedCount) integers from 1 to 10, found \(shown) "
            + "(\(reason.rawValue))"
    }
}
