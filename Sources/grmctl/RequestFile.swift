import Foundation
import SwiftProtobuf
import Wire

/// A file, or the standard input, that requests or conversations are read from.
struct RequestFile {
    private let path: String
    private let name: String

    /// - Parameter path: `-` is the standard input.
    init(_ path: String) {
        self.path = path
        name = path == "-" ? "the standard input" : path
    }

    /// The requests of the file: one JSON document, or one on each line.
    ///
    /// - Returns: The requests, and whether each stands on a line of its own.
    func requests() throws(CommandError) -> (requests: [Grm_V1_ScoreRequest], isLines: Bool) {
        let text = try text()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { $0.element.contains { !$0.isWhitespace } }
        guard let first = lines.first else {
            throw malformed(name, "an empty file")
        }
        // The first line of a document over several lines is not a document itself.
        guard lines.count > 1, Self.isDocument(first.element) else {
            return ([try request(text, subject: name)], false)
        }
        var requests: [Grm_V1_ScoreRequest] = []
        for (index, line) in lines {
            requests.append(try request(String(line), subject: "line \(index + 1) of \(name)"))
        }
        return (requests, true)
    }

    /// The messages of a file as chat programs write them; roles may be `user` or `ROLE_USER`.
    func conversation() throws(CommandError) -> [Grm_V1_Message] {
        struct Turn: Decodable {
            let role: String
            let content: String
        }
        let turns: [Turn]
        do {
            turns = try JSONDecoder().decode([Turn].self, from: Data(try text().utf8))
        } catch let error as CommandError {
            throw error
        } catch {
            throw malformed(
                name,
                "something else: \(error)",
                expected: "a JSON array of {\"role\", \"content\"}"
            )
        }
        var messages: [Grm_V1_Message] = []
        for turn in turns {
            messages.append(
                try .with(role: turn.role, content: turn.content, subject: name)
            )
        }
        return messages
    }

    private func request(
        _ text: String,
        subject: String
    ) throws(CommandError) -> Grm_V1_ScoreRequest {
        do {
            return try Grm_V1_ScoreRequest(jsonString: text)
        } catch {
            throw malformed(subject, "text that is not: \(error)")
        }
    }

    /// The whole text.
    func text() throws(CommandError) -> String {
        let bytes: Data
        do {
            if path == "-" {
                bytes = try FileHandle.standardInput.readToEnd() ?? Data()
            } else {
                bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            }
        } catch {
            throw Self.unreadable(name, error)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw malformed(name, "bytes that are not UTF-8")
        }
        return text
    }

    private static func unreadable(_ name: String, _ error: any Error) -> CommandError {
        let code: CommandError.Code =
            switch (error as? CocoaError)?.code {
            case .fileReadNoSuchFile?, .fileNoSuchFile?: .notFound
            case .fileReadNoPermission?: .permission
            default: .failed
            }
        return CommandError(
            code,
            subject: name,
            expected: "a file that can be read",
            found: code == .notFound ? "no such file" : error.localizedDescription
        )
    }

    private static func isDocument(_ line: Substring) -> Bool {
        // What is wrong with a line is told when the line is read as a request.
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil
    }

    private func malformed(
        _ subject: String,
        _ found: String,
        expected: String = "the JSON of a grm.v1.ScoreRequest"
    ) -> CommandError {
        CommandError(
            .usage,
            subject: subject,
            expected: expected,
            found: found,
            advice: "see grmctl score --help"
        )
    }
}

extension Grm_V1_Message {
    fileprivate static func with(
        role: String,
        content: String,
        subject: String
    ) throws(CommandError) -> Grm_V1_Message {
        let roles: [String: Grm_V1_Role] = [
            "system": .system, "user": .user, "assistant": .assistant, "tool": .tool,
        ]
        let key = role.lowercased().replacingOccurrences(of: "role_", with: "")
        guard let known = roles[key] else {
            throw CommandError(
                .usage,
                subject: "a role in \(subject)",
                expected: roles.keys.sorted().joined(separator: ", "),
                found: "'\(role)'"
            )
        }
        var message = Grm_V1_Message()
        message.role = known
        message.content = content
        return message
    }
}
