import ArgumentParser

/// grmctl itself; every verb has a file of its own.
struct Grmctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grmctl",
        abstract: "Rules grmd, its model versions, and asks it for scores.",
        discussion: """
            The options --state, --socket, --admin-socket and --json stand before or after the verb.

            First steps:
              grmctl import SmolLM2-135M-Instruct.Q4_1.gguf --name smol
              grmctl activate smol --offline
              systemctl start grmd
              grmctl score --prompt "France's capital?" --response Paris --response Lyon

            Exit codes: 0 done; 1 failed; 2 wrong usage; 3 damaged data; 4 not found; 5 busy or \
            locked; 69 grmd cannot be reached; 77 not permitted.
            """,
        version: "0.3.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Versions",
                subcommands: [
                    ImportCommand.self, ListCommand.self, ShowCommand.self, VerifyCommand.self,
                    CollectCommand.self,
                ]
            ),
            CommandGroup(
                name: "Deployment",
                subcommands: [ActivateCommand.self, RollbackCommand.self]
            ),
            CommandGroup(
                name: "Daemon",
                subcommands: [StatusCommand.self, ReloadCommand.self, DrainCommand.self]
            ),
            CommandGroup(
                name: "Scoring",
                subcommands: [
                    ScoreCommand.self, ReplayCommand.self, PromptsCommand.self,
                    PrinciplesCommand.self,
                ]
            ),
        ]
    )

    @OptionGroup(title: "Options of every verb") var globals: GlobalOptions
}
