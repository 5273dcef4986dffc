import ArgumentParser
import SwiftProtobuf
import Wire

struct PrinciplesShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the kept sets of one key whole, best first.",
        discussion: """
            Example: grmctl principles show 3f2a9c1d
            """
    )

    @Argument(help: "The key, or 8 or more of its first digits.")
    var key: String

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let key = try PrincipleAddress(key)
        let reply = try await globals.admin.call { daemon in
            let whole = try await key.whole(daemon)
            return try await daemon.admin.showPrinciples(
                .with { $0.key = whole },
                options: DaemonClient.options(timeout: .seconds(30))
            )
        }
        try Console.write(
            globals.json
                ? ResultJSON.text(reply)
                : reply.entries.map(\.paragraph).joined(separator: "\n\n")
        )
    }
}

extension Grm_V1_PrincipleEntry {
    /// Everything about the entry, over several lines.
    var paragraph: String {
        var table = TextTable()
        table.add(["set", setID + (pinned ? " (pinned)" : "")])
        table.add(["key", key])
        table.add(["meta score", "\(metaScore(places: 4)), \(uses) uses"])
        table.add(["written", Figures.time(createdUnixSeconds)])
        table.add(["last used", Figures.time(lastUsedUnixSeconds)])
        table.add(["written from", responsesSeen ? "question and responses" : "the question alone"])
        table.add(["model", grmDigest])
        table.add(["template", templateDigest])
        let lines = principles.enumerated().map { index, principle in
            let weight =
                principle.hasWeight
                ? " (weight \(Figures.decimal(Double(principle.weight), places: 2)))" : ""
            return "  \(index + 1). \(printable(principle.text, keepsLines: false))\(weight)"
        }
        let head = printable(table.text(isColoured: false), keepsLines: true)
        return ([head] + lines).joined(separator: "\n")
    }
}
