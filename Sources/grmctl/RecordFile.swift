import Foundation
import SwiftProtobuf
import Wire

/// Requests and the replies that they got, one pair a line.
struct RecordFile: Sendable {
    /// A request, its reply and the line that they stand on.
    struct Entry: Sendable {
        let line: Int
        let request: Grm_V1_ScoreRequest
        let reply: Grm_V1_ScoreReply
    }

    private let path: String

    /// A file to add to, which is made if it is not there.
    ///
    /// - Throws: what keeps it from being written, before anything is asked for.
    init(appendingTo path: String) throws(CommandError) {
        self.path = path
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw Self.unwritable(path, "a file that cannot be made")
            }
        }
        try append(Data())
    }

    /// Adds a pair as one line.
    func append(
        _ request: Grm_V1_ScoreRequest,
        _ reply: Grm_V1_ScoreReply
    ) throws(CommandError) {
        let fields = (try ResultJSON.plain(request), try ResultJSON.plain(reply))
        try append(Data("{\"request\":\(fields.0),\"reply\":\(fields.1)}\n".utf8))
    }

    private func append(_ bytes: Data) throws(CommandError) {
        do {
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            defer { file.closeFile() }
            try file.seekToEnd()
            try file.write(contentsOf: bytes)
        } catch {
            throw Self.unwritable(path, error.localizedDescription)
        }
    }

    private static func unwritable(_ path: String, _ found: String) -> CommandError {
        CommandError(
            .failed,
            subject: path,
            expected: "a file that can be written to",
            found: found
        )
    }

    /// The pairs of a file, in its order.
    static func entries(_ path: String) throws(CommandError) -> [Entry] {
        let lines = try RequestFile(path).text().split(separator: "\n").enumerated()
        var entries: [Entry] = []
        for (index, line) in lines {
            do {
                let bytes = Data(line.utf8)
                let pair = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
                entries.append(
                    Entry(
                        line: index + 1,
                        request: try message(pair?["request"]),
                        reply: try message(pair?["reply"])
                    )
                )
            } catch {
                throw CommandError(
                    .usage,
                    subject: "line \(index + 1) of \(path)",
                    expected:
                        "{\"request\": ..., \"reply\": ...}, as grmctl score --record writes it",
                    found: "\(error)"
                )
            }
        }
        return entries
    }

    /// Numbers keep their bits: they are written with as many digits as tell them apart.
    private static func message<Message: SwiftProtobuf.Message>(_ field: Any?) throws -> Message {
        guard let field else { throw CocoaError(.coderValueNotFound) }
        return try Message(jsonUTF8Data: JSONSerialization.data(withJSONObject: field))
    }
}
