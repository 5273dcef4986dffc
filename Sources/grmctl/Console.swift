import Foundation

/// The two streams of a command: results on one, everything else on the other.
enum Console {
    /// Whether colours and bold help whoever reads the results.
    static var isColoured: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(FileHandle.standardOutput.fileDescriptor) != 0
            && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    /// Whether a line on the error stream may be written over.
    static var isErrorTerminal: Bool {
        isatty(FileHandle.standardError.fileDescriptor) != 0
    }

    /// Writes a result and the end of its line.
    ///
    /// - Throws: `failed`; a result that was not written must not look like one.
    static func write(_ text: String) throws(CommandError) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
        } catch {
            throw CommandError(
                .failed,
                subject: "the standard output",
                expected: "that it can be written to",
                found: error.localizedDescription
            )
        }
    }

    /// Writes a line for people to the error stream.
    static func complain(_ text: String) { progress(text + "\n") }

    /// Writes to the error stream as it is.
    static func progress(_ text: String) {
        // There is nowhere left to tell that the error stream itself is gone.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}

/// Text of others, fit for a terminal: what could move its cursor or turn its writing round becomes
/// a question mark.
func printable(_ text: String, keepsLines: Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n" where keepsLines: result.append(scalar)
        case "\n", "\t", "\r": result.append(" ")
        case "\u{202a}"..."\u{202e}", "\u{2066}"..."\u{2069}": result.append("?")
        case _ where scalar.properties.generalCategory == .control: result.append("?")
        default: result.append(scalar)
        }
    }
    return String(result)
}

/// The beginning of a text on one line, at most `count` characters.
func beginning(of text: String, count: Int) -> String {
    let line = printable(text.trimmingCharacters(in: .whitespacesAndNewlines), keepsLines: false)
    return line.count <= count ? line : line.prefix(count - 1) + "…"
}
