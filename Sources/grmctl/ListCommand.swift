import ArgumentParser
import Wire

struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the model versions of the store.",
        discussion: """
            Reads the store itself; grmd need not run. The version that runs has a star.

            Example: grmctl list --json | jq -r '.versions[] | select(.active) | .name'
            """
    )

    @OptionGroup var globals: GlobalOptions

    func run() throws {
        let versions = try globals.store.summaries()
        if globals.json {
            try Console.write(ResultJSON.text(versions))
        } else if versions.isEmpty {
            Console.complain("no versions; grmctl import FILE adds one")
        } else {
            try Console.write(Self.table(versions).text(isColoured: Console.isColoured))
        }
    }

    private static func table(_ versions: [VersionSummary]) -> TextTable {
        var table = TextTable(
            header: ["", "NAME", "DIGEST", "ARCHITECTURE", "PARAMETERS", "SIZE", "IMPORTED"],
            rightAligned: [4, 5]
        )
        for version in versions {
            table.add([
                version.active ? "*" : "",
                version.name,
                Figures.digest(version.digest),
                printable(version.architecture, keepsLines: false),
                Figures.count(version.parameters),
                Figures.bytes(version.bytes),
                Figures.time(version.importedUnixSeconds),
            ])
        }
        return table
    }
}
