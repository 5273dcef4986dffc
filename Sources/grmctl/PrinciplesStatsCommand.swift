import ArgumentParser
import Wire

struct PrinciplesStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show what the principle cache holds, and what it did since grmd's start.",
        discussion: """
            Example: grmctl principles stats --json | jq .hits
            """
    )

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let reply = try await globals.admin.call { daemon in
            try await daemon.admin.principleStats(
                Grm_V1_PrincipleStatsRequest(),
                options: DaemonClient.options(timeout: .seconds(10))
            )
        }
        try Console.write(globals.json ? ResultJSON.text(reply) : Self.text(reply))
    }

    private static func text(_ reply: Grm_V1_PrincipleStatsReply) -> String {
        var table = TextTable()
        table.add(["sets", "\(reply.sets), for \(reply.keys) keys"])
        table.add(["bytes", "\(Figures.bytes(reply.bytes)) of \(Figures.bytes(reply.bytesMax))"])
        table.add(["look-ups", "\(reply.hits) hits, \(reply.misses) misses"])
        table.add(["evictions", "\(reply.evictions)"])
        table.add(["rebuilds", "\(reply.rebuilds)"])
        return table.text(isColoured: false)
    }
}
