/// What went wrong in the tokenizer, the decoder or the engine.
package struct InferenceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure that a caller can tell apart.
    package enum Code: Sendable, Hashable {
        case invalidTokenizer, invalidModel, contextOverflow, badLogits, cancelled, capacity,
            stopped
    }

    /// The kind of failure.
    package var code: Code
    /// The thing that is wrong, such as "merge 17".
    package var subject: String
    /// What would have been right.
    package var expected: String
    /// What was there instead.
    package var found: String

    /// Makes an error from its kind, the thing it is about, and the two sides of the disagreement.
    package init(_ code: Code, subject: String, expected: String, found: String) {
        self.code = code
        self.subject = subject
        self.expected = expected
        self.found = found
    }

    /// One sentence for a log or a person.
    package var description: String {
        "\(subject): expected \(expected), found \(found)"
    }
}
