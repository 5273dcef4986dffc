import ArgumentParser
import GRPCCore
import SwiftProtobuf
import Wire

struct PrinciplesImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add sets to those that are kept, from a file that export wrote.",
        discussion: """
            Every line is read before the first is sent. A set that is there already stays as it is and \
            counts as imported. Fails if grmd refuses any: they are beyond its limits, or no key.

            Examples:
              grmctl principles import kept.jsonl
              ssh other grmctl principles export - | grmctl principles import -
            """
    )

    @Argument(help: "The file; - is the standard input.", completion: .file())
    var file: String

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let entries = try entries()
        let reply = try await globals.admin.call { daemon in
            try await daemon.admin.importPrinciples(
                options: DaemonClient.options(timeout: nil)
            ) { writer in
                for entry in entries { try await writer.write(entry) }
            }
        }
        try Console.write(
            globals.json
                ? ResultJSON.text(reply)
                : "imported: \(reply.imported), refused: \(reply.refused)"
        )
        guard reply.refused == 0 else {
            throw CommandError(
                .failed,
                subject: "the import",
                expected: "sets that grmd takes",
                found: "\(reply.refused) that it refused",
                advice: "see its log at the level debug"
            )
        }
    }

    private func entries() throws(CommandError) -> [Grm_V1_PrincipleEntry] {
        let name = file == "-" ? "the standard input" : file
        var entries: [Grm_V1_PrincipleEntry] = []
        let lines = try RequestFile(file).text().split(
            separator: "\n",
            omittingEmptySubsequences: false
        )
        for (index, line) in lines.enumerated() where line.contains(where: { !$0.isWhitespace }) {
            do {
                entries.append(try Grm_V1_PrincipleEntry(jsonString: String(line)))
            } catch {
                throw CommandError(
                    .usage,
                    subject: "line \(index + 1) of \(name)",
                    expected: "the JSON of a grm.v1.PrincipleEntry",
                    found: "text that is not: \(error)",
                    advice: "nothing was imported"
                )
            }
        }
        return entries
    }
}
