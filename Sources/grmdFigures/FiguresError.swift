/// Why a command of grmd-figures could not be carried out.
struct FiguresError: Error, Hashable, Sendable, CustomStringConvertible {
    enum Code: String, Hashable, Sendable {
        /// A line that is no command.
        case invalidCommand
        /// Results that could not be written.
        case output
    }

    let code: Code
    let subject: String
    let expected: String
    let found: String

    init(_ code: Code, subject: String, expected: String, found: String) {
        self.code = code
        self.subject = subject
        self.expected = expected
        self.found = found
    }

    var description: String { "\(subject): expected \(expected), found \(found)" }
}
