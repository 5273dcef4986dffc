/// A matrix that the arithmetic cannot take: what it is about, what was expected, what was found.
package struct KernelError: Error, Hashable, Sendable, CustomStringConvertible {
    package let subject: String
    package let expected: String
    package let found: String

    /// Makes an error from the thing it is about and the two sides of the disagreement.
    package init(_ subject: String, expected: String, found: String) {
        self.subject = subject
        self.expected = expected
        self.found = found
    }

    package var description: String { "\(subject): expected \(expected), found \(found)" }
}
