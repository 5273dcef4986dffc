package import Store

/// What went wrong while a model file was read, checked or written into the store.
package struct ImportError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure that a caller can tell apart.
    package enum Code: Sendable, Hashable {
        /// There is nothing at the path.
        case notFound
        /// The file is there but the system refused to open or read it.
        case unreadable
        /// The path names a link, a folder, a pipe, a device or a socket.
        case notRegularFile
        /// The file breaks the rules of its own format.
        case badFormat
        /// The file may be sound, but this release does not know how to run it.
        case unsupported
        /// A number in the file, or the file itself, is over a limit of grmd.
        case limit
        /// The file was written to while it was being read.
        case changed
        /// The bytes read are not the bytes the caller asked for.
        case digestMismatch
        /// The name asked for the version, or an option, cannot be used.
        case invalidOption
        /// The store refused.
        case store(StoreError)
    }

    /// The kind of failure.
    package var code: Code
    /// The thing that is wrong, such as `tensor "output_norm.weight"`.
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

    /// Makes an error of what the store refused.
    package init(_ error: StoreError) {
        self.init(
            .store(error),
            subject: error.subject,
            expected: error.expected,
            found: error.found
        )
    }

    /// One sentence for a log or a person.
    package var description: String {
        if case .store(let error) = code { return error.description }
        return "\(subject): expected \(expected), found \(found)"
    }
}

/// Text out of a file, fit to be shown on a terminal: quoted, printable ASCII, at most 80 characters.
///
/// The text of a hostile file could otherwise move the cursor or repaint what stands above.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars.prefix(80) {
        result +=
            scalar.isASCII && scalar.value >= 0x20 ? scalar.escaped(asASCII: true) : hex(scalar)
    }
    return result + (text.unicodeScalars.count > 80 ? "...\"" : "\"")
}

private func hex(_ scalar: Unicode.Scalar) -> String {
    "\\u{\(String(scalar.value, radix: 16))}"
}
