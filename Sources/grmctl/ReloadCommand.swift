import ArgumentParser
import Wire

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Make grmd read its configuration again.",
        discussion: """
            Returns when the new values are in force. A configuration with a fault changes nothing.

            Example: grmctl reload
            """
    )

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let reply = try await globals.admin.call { daemon in
            try await daemon.admin.reload(
                Grm_V1_ReloadRequest(),
                options: DaemonClient.options(timeout: .seconds(60))
            )
        }
        guard !globals.json else { return try Console.write(ResultJSON.text(reply)) }
        var lines = reply.changed.map { "changed: \($0)" }
        lines += reply.needsRestart.map { "changed after a restart: \($0)" }
        let text = lines.isEmpty ? "nothing changed" : lines.joined(separator: "\n")
        try Console.write(printable(text, keepsLines: true))
    }
}
