import ArgumentParser

/// The verbs of the principle cache.
struct PrinciplesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "principles",
        abstract: "See and change the principles that grmd keeps for questions it knows.",
        discussion: """
            grmd keeps the sets of principles that the judge wrote for a question and uses them again, \
            the best first. A question has a key, of which 8 or more digits are enough; a set has an \
            id, which comes from its text.

            Examples:
              grmctl principles list
              grmctl principles show 3f2a9c1d
              grmctl principles export - > kept.jsonl
            """,
        subcommands: [
            PrinciplesListCommand.self, PrinciplesShowCommand.self, PrinciplesPinCommand.self,
            PrinciplesEditCommand.self, PrinciplesDeleteCommand.self,
            PrinciplesExportCommand.self, PrinciplesImportCommand.self,
            PrinciplesStatsCommand.self,
        ]
    )

    @OptionGroup var globals: GlobalOptions
}
