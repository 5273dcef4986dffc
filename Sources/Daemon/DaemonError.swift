/// Why the daemon refuses or fails a call, where it is not the request or the model.
package struct DaemonError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of refusal that a caller can tell apart.
    package enum Code: Hashable, Sendable {
        case queueFull, draining, noDeployment, versionMismatch, versionUnusable, deadline,
            cancelled, notSupported, lockHeld, permission, tooLarge, invalidArgument,
            principlesOff, principlesMissing
    }

    package let code: Code
    package let subject: String
    package let expected: String
    package let found: String
    package let advice: String
    /// When a refused caller may try again.
    package let retryAfterSeconds: Double?

    package init(
        _ code: Code,
        subject: String,
        expected: String,
        found: String,
        advice: String,
        retryAfterSeconds: Double? = nil
    ) {
        self.code = code
        self.subject = subject
        self.expected = expected
        self.found = found
        self.advice = advice
        self.retryAfterSeconds = retryAfterSeconds
    }

    package var description: String {
        "\(subject): expected \(expected), found \(found); \(advice)"
    }
}
