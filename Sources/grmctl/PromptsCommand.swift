import ArgumentParser
import Daemon
import Foundation
import Store
import Wire

struct PromptsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prompts",
        abstract: "Print what the judge reads for requests, as text and tokens.",
        discussion: """
            Works on the store, without a daemon: for training, and to see what a judge sees. A file \
            holds the JSON of one grm.v1.ScoreRequest, or one on each line. Each prompt that a \
            judgment of a request can see comes as one line of JSON; "line" is what the judgment ends \
            with, up to its first value. With --target, what the judge is to write is encoded \
            behind each prompt.

            Example: grmctl prompts requests.jsonl --version judge --max-tokens 0 --mode isolated
            """
    )

    @Argument(
        help: ArgumentHelp("A file with requests; - is the standard input.", valueName: "file"),
        completion: .file(extensions: ["json", "jsonl"])
    )
    var file: String

    @Option(
        help: ArgumentHelp("The version that judges.", valueName: "name"),
        completion: VersionName.completion
    )
    var version: VersionName

    @OptionGroup(title: "The request") var options: ScoreOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Text whose tokens are printed too; once for each.", valueName: "text")
    )
    var target: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file with a JSON array of such texts on each line, one line for each request.",
            valueName: "path"
        ),
        completion: .file(extensions: ["jsonl"])
    )
    var targets: String?

    @OptionGroup var globals: GlobalOptions

    /// One prompt as it is printed.
    private struct Line: Encodable {
        let request: Int
        let prompt: Int
        let order: [Int]
        let text: String
        let tokens: [UInt32]
        let line: String?
        let endToken: UInt32
        let targets: [[UInt32]]
    }

    func run() throws {
        let directory = try globals.store.existing()
        let stored = try storing { () throws(StoreError) in
            try Catalogue(directory, access: .reading).version(version.text)
        }
        let judge = try Judge(stored, in: directory)
        let requests = try RequestFile(file).requests().requests
        let texts = try targetTexts(requestCount: requests.count)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        for (index, message) in requests.enumerated() {
            for line in try lines(index, message, judge, target + texts[index]) {
                try Console.write(String(decoding: try encoder.encode(line), as: UTF8.self))
            }
        }
    }

    private func lines(
        _ index: Int,
        _ message: Grm_V1_ScoreRequest,
        _ judge: Judge,
        _ texts: [String]
    ) throws -> [Line] {
        var message = message
        options.apply(to: &message)
        let targets = texts.map(judge.tokens)
        return try JudgePrompt.all(for: message, judge: judge).map { prompt in
            Line(
                request: index,
                prompt: prompt.prompt,
                order: prompt.order,
                text: prompt.text,
                tokens: prompt.tokens,
                line: prompt.line,
                endToken: prompt.endToken,
                targets: targets
            )
        }
    }

    private func targetTexts(requestCount: Int) throws -> [[String]] {
        guard let targets else { return Array(repeating: [], count: requestCount) }
        let lines = try RequestFile(targets).text().split(separator: "\n").map {
            try JSONDecoder().decode([String].self, from: Data($0.utf8))
        }
        guard lines.count == requestCount else {
            throw CommandError(
                .usage,
                subject: targets,
                expected: "\(requestCount) lines, one for each request",
                found: "\(lines.count)"
            )
        }
        return lines
    }
}
