import Foundation

/// Why a verb did not do what was asked, with what can be done about it.
struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure that scripts tell apart by the exit code.
    enum Code: String, Hashable, Sendable, Codable {
        case failed
        case usage
        case corrupt
        case notFound = "not_found"
        case busy
        case unreachable
        case permission

        /// 69 and 77 are EX_UNAVAILABLE and EX_NOPERM of sysexits.h.
        var exitStatus: Int32 {
            switch self {
            case .failed: 1
            case .usage: 2
            case .corrupt: 3
            case .notFound: 4
            case .busy: 5
            case .unreachable: 69
            case .permission: 77
            }
        }
    }

    var code: Code
    var subject: String
    var expected: String
    var found: String
    var advice: String

    init(
        _ code: Code,
        subject: String,
        expected: String,
        found: String,
        advice: String = ""
    ) {
        self.code = code
        self.subject = subject
        self.expected = expected
        self.found = found
        self.advice = advice
    }

    /// One line, whatever the texts hold that came from files and sockets.
    var description: String {
        let text = "\(subject): expected \(expected), found \(found)"
        return printable(advice.isEmpty ? text : "\(text); \(advice)", keepsLines: false)
    }

    /// The same for programs, as one line.
    var json: String {
        struct Line: Encodable {
            struct Fields: Encodable {
                let code: Code
                let subject: String
                let expected: String
                let found: String
                let advice: String
            }
            let error: Fields
        }
        let fields = Line.Fields(
            code: code,
            subject: subject,
            expected: expected,
            found: found,
            advice: advice
        )
        return encodedJSON(Line(error: fields))
    }
}
