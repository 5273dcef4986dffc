import ArgumentParser
import Foundation
import GRPCCore
import SwiftProtobuf
import Wire

struct PrinciplesExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write kept sets to a file, one JSON object a line.",
        discussion: """
            Examples:
              grmctl principles export kept.jsonl
              grmctl principles export - --prefix 3f2a | jq -r '.principles[].text'
            """
    )

    @Argument(help: "The file; - is the standard output.", completion: .file())
    var file: String

    @Option(help: "Only keys that begin with these digits.")
    var prefix = ""

    @Flag(help: "Write over a file that is there.")
    var force = false

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let lines = try ExportLines(file, overwrites: force)
        let prefix = prefix
        let count = try await globals.admin.call { daemon in
            try await daemon.admin.exportPrinciples(
                .with { $0.keyPrefix = prefix },
                options: DaemonClient.options(timeout: nil)
            ) { response in
                var count = 0
                for try await entry in response.messages {
                    try lines.write(ResultJSON.plain(entry))
                    count += 1
                }
                return count
            }
        }
        try lines.finish()
        guard file != "-" else { return }
        struct Exported: Encodable { let exported: Int }
        try Console.write(
            globals.json
                ? ResultJSON.text(Exported(exported: count)) : "exported: \(count) sets to \(file)"
        )
    }
}
