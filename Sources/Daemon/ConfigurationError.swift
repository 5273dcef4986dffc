/// A setting that grmd cannot run with.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the value came from, such as "/etc/grmd/grmd.toml" or "--set".
    package let source: String
    /// The setting, such as "limits.requests".
    package let key: String
    package let expected: String
    package let found: String

    package init(source: String, key: String, expected: String, found: String) {
        self.source = source
        self.key = key
        self.expected = expected
        self.found = found
    }

    package var description: String { "\(source): \(key): expected \(expected), found \(found)" }
}
