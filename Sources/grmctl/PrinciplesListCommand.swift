import ArgumentParser
import SwiftProtobuf
import Wire

struct PrinciplesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List kept sets of principles, in order of their keys.",
        discussion: """
            A pinned set has a star. META is the mean meta score of the judgments that used the set.

            Examples:
              grmctl principles list --prefix 3f2a
              grmctl principles list --limit 0 --json | jq -r '.entries[].set_id'
            """
    )

    @Option(help: "Only keys that begin with these digits.")
    var prefix = ""

    @Option(help: "At most this many sets; 0 is all.")
    var limit: UInt32 = 100

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let (prefix, limit) = (prefix, Int(limit))
        let reply = try await globals.admin.call { daemon in
            try await Self.list(daemon, prefix: prefix, limit: limit)
        }
        if globals.json {
            try Console.write(ResultJSON.text(reply))
        } else if reply.entries.isEmpty {
            Console.complain("no kept principles")
        } else {
            try Console.write(Self.table(reply.entries).text(isColoured: Console.isColoured))
        }
        if !reply.nextPageToken.isEmpty {
            Console.complain("there are more; --limit 0 lists all")
        }
    }

    private static func list(
        _ daemon: DaemonClient,
        prefix: String,
        limit: Int
    ) async throws -> Grm_V1_ListPrinciplesReply {
        var all = Grm_V1_ListPrinciplesReply()
        repeat {
            let left = limit == 0 ? 500 : min(500, limit - all.entries.count)
            let token = all.nextPageToken
            let page = try await daemon.admin.listPrinciples(
                .with {
                    $0.keyPrefix = prefix
                    $0.countMax = UInt32(left)
                    $0.pageToken = token
                },
                options: DaemonClient.options(timeout: .seconds(30))
            )
            all.entries += page.entries
            all.nextPageToken = page.nextPageToken
        } while !all.nextPageToken.isEmpty && (limit == 0 || all.entries.count < limit)
        return all
    }

    private static func table(_ entries: [Grm_V1_PrincipleEntry]) -> TextTable {
        var table = TextTable(
            header: ["", "KEY", "SET", "META", "USES", "WRITTEN", "LAST USED", "PRINCIPLES"],
            rightAligned: [3, 4]
        )
        for entry in entries {
            table.add([
                entry.pinned ? "*" : "",
                Figures.digest(entry.key),
                printable(entry.setID, keepsLines: false),
                entry.metaScore(places: 2),
                Figures.count(entry.uses),
                Figures.time(entry.createdUnixSeconds),
                Figures.time(entry.lastUsedUnixSeconds),
                "\(entry.principles.count): "
                    + beginning(of: entry.principles.first?.text ?? "", count: 40),
            ])
        }
        return table
    }
}

extension Grm_V1_PrincipleEntry {
    /// The mean meta score as text, if there is one.
    func metaScore(places: Int) -> String {
        hasMetaScore ? Figures.decimal(metaScore, places: places) : "-"
    }
}
