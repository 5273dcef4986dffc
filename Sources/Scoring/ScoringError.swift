/// Why a request, a template or a set of judgments was refused.
package struct ScoringError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of refusal; each has its own code on the wire.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case conversationEmpty
        case responseCount
        case textTooLong
        case sampleCount
        case temperature
        case topP
        case role
        case principles
        case mode
        case notSupported
        case tokenBudget
        case stopping
        case hostileInput
        case contextOverflow
        case versionMismatch
        case badLogits
        case noJudgment
        /// The prompt template does not parse, so the version that holds it cannot serve.
        case versionUnusable
    }

    /// The kind of refusal.
    package var code: Code
    /// The field or thing that the error is about, in the protocol's spelling.
    package var subject: String
    /// What was expected there.
    package var expected: String
    /// What was found there.
    package var found: String
    /// What the caller can do.
    package var advice: String

    /// Makes an error.
    package init(
        _ code: Code,
        subject: String,
        expected: String,
        found: String,
        advice: String
    ) {
        self.code = code
        self.subject = subject
        self.expected = expected
        self.found = found
        self.advice = advice
    }

    /// One line that names the thing, what was expected and what was found.
    package var description: String {
        "\(subject): expected \(expected), found \(found); \(advice)"
    }
}
