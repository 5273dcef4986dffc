import ArgumentParser
import Store

struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove what interrupted imports left in the store.",
        discussion: """
            Removes temporary files and packs that no version needs. It waits for nobody: while an \
            import runs it ends with exit code 5.

            Example: grmctl gc --grace 3600
            """
    )

    @Option(
        help: ArgumentHelp(
            "Leave files that were written to in the last seconds.",
            valueName: "seconds"
        )
    )
    var grace = 0.0

    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard grace >= 0, grace.isFinite else {
            throw ValidationError("--grace: expected 0 or more seconds, found \(grace)")
        }
    }

    func run() throws {
        struct Removed: Encodable { let removed: [String] }
        let directory = try globals.store.writable()
        let removed = try storing { () throws(StoreError) in
            try collectGarbage(in: directory, graceSeconds: grace)
        }
        if globals.json {
            try Console.write(ResultJSON.text(Removed(removed: removed)))
        } else if removed.isEmpty {
            try Console.write("nothing to remove")
        } else {
            try Console.write(removed.map { "removed \($0)" }.joined(separator: "\n"))
        }
    }
}
