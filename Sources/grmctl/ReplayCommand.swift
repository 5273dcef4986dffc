import ArgumentParser
import Daemon
import Foundation
import Store
import Wire

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Compute recorded replies again and compare them bit for bit.",
        discussion: """
            Works on the store, without a daemon. The file is one that grmctl score --record wrote; \
            the versions are those that answered then. Of a reply that differs, the first field that \
            does is printed, as it was and as it is. A run that a deadline or load cut short is \
            computed as far as it went, and what the deadline ended in mid-sentence is left out.

            Exit codes: 0 everything is equal; 1 something differs.

            Example: grmctl score requests.jsonl --record night.jsonl && grmctl replay night.jsonl
            """
    )

    @Argument(
        help: ArgumentHelp("What grmctl score --record wrote.", valueName: "file"),
        completion: .file(extensions: ["jsonl"])
    )
    var file: String

    @Option(help: "Compute threads; the result does not depend on them.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Bytes of keys and values; the result does not depend on them.")
    var kvBytes = 1 << 30

    @OptionGroup var globals: GlobalOptions

    /// What is said of one line.
    private struct Line: Encodable {
        let line: Int
        let isEqual: Bool
        var field: String?
        var recorded: String?
        var recomputed: String?
        let notComparable: [String]
    }

    func validate() throws {
        guard (1...1024).contains(threads), kvBytes >= 1 << 20 else {
            throw ValidationError(
                "expected --threads of 1 to 1024 and --kv-bytes of at least 1048576, "
                    + "found \(threads) and \(kvBytes)"
            )
        }
    }

    func run() async throws {
        let entries = try RecordFile.entries(file)
        let directory = try globals.store.existing()
        let catalogue = try storing { () throws(StoreError) in
            try Catalogue(directory, access: .reading)
        }
        var deployment: Deployment?
        var differentCount = 0
        for entry in entries {
            let replay = Replay(entry.request, entry.reply)
            let versions = try storing { () throws(StoreError) in
                try replay.versions(in: catalogue)
            }
            if deployment?.version.digest != versions.grm.digest
                || deployment?.metaRM?.version.digest != versions.metaRM?.digest
            {
                deployment = nil
                deployment = try await load(versions.grm, versions.metaRM, directory)
            }
            guard let deployment else { continue }
            let report = try await calling { try await replay.report(on: deployment) }
            if report.difference != nil { differentCount += 1 }
            try show(report, entry.line)
        }
        guard differentCount == 0 else {
            throw CommandError(
                .failed,
                subject: file,
                expected: "replies that come out as they were recorded",
                found: "\(differentCount) of \(entries.count) that differ"
            )
        }
    }

    private func load(
        _ grm: StoredVersion,
        _ metaRM: StoredVersion?,
        _ directory: StoreDirectory
    ) async throws -> Deployment {
        try await calling {
            try await Replay.deployment(
                of: (grm, metaRM),
                from: directory,
                threadCount: threads,
                keyValueBytesMax: kvBytes
            )
        }
    }

    /// Errors of the judge, as a daemon would answer with them.
    private func calling<Result>(
        _ body: () async throws -> Result
    ) async throws(CommandError) -> Result {
        do {
            return try await body()
        } catch {
            throw CommandError(WireError(StatusMapping.answer(to: error)), socket: "")
        }
    }

    private func show(_ report: Replay.Report, _ number: Int) throws {
        let difference = report.difference
        guard !globals.json else {
            let line = Line(
                line: number,
                isEqual: difference == nil,
                field: difference?.field,
                recorded: difference?.recorded,
                recomputed: difference?.recomputed,
                notComparable: report.notComparable
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            return try Console.write(String(decoding: try encoder.encode(line), as: UTF8.self))
        }
        var text = "line \(number): "
        if let difference {
            text += "differs in \(difference.field): recorded "
            text += beginning(of: difference.recorded, count: 200)
            text += ", recomputed " + beginning(of: difference.recomputed, count: 200)
        } else {
            text += "equal"
        }
        for left in report.notComparable { text += "\n  not comparable: \(left)" }
        try Console.write(printable(text, keepsLines: true))
    }
}
