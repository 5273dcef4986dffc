import ArgumentParser
import Import
import Store
import Wire

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add a model file (GGUF) to the store as a new version.",
        discussion: """
            The version is there when the command has ended well, and not before: an import that is \
            interrupted leaves nothing that grmd or `list` would see. Importing the same file again \
            under the same name changes nothing. Numbers of types that grmd does not compute with are \
            rounded to the nearest of its own formats; how far is printed.

            Example: grmctl import model.Q4_1.gguf --name smol --licence apache-2.0
            """
    )

    @Argument(help: "The model file.", completion: .file(extensions: ["gguf"]))
    var file: String

    @Option(help: "The name of the version. (default: that of the file less its extension)")
    var name: String?

    @Option(
        help:
            "The number format of all matrices: \(ImportOptions.formatNames.joined(separator: ", ")).",
        completion: .list(ImportOptions.formatNames)
    )
    var format = "keep"

    @Option(
        name: [.customLong("licence"), .customLong("license")],
        help: "The licence. (default: what the file says)"
    )
    var licence: String?

    @Option(
        name: .customLong("sha256"),
        help: ArgumentHelp("The SHA-256 that the file must have.", valueName: "hex")
    )
    var sha256: String?

    @Option(
        help: "How progress is told on the error stream. (default: bar, on a terminal)"
    )
    var progress: ProgressLine.Form?

    @OptionGroup var globals: GlobalOptions

    func run() throws {
        let (version, current) = try imported()
        let reply = Grm_V1_ShowVersionReply(version, current: current)
        let rounding = version.manifest.rounding
        if globals.json {
            var summary = reply
            summary.tensors = []
            for record in rounding {
                summary.details["rounding \(record.sourceType)"] = "\(record.relativeError)"
            }
            try Console.write(ResultJSON.text(summary))
        } else {
            let bytes = Figures.bytes(reply.summary.bytes)
            try Console.write(
                "\(reply.summary.name): \(version.manifest.tensors.count) tensors, \(bytes), "
                    + "digest \(Figures.digest(version.digest))"
            )
            for record in rounding { try Console.write(Self.line(record)) }
        }
    }

    /// What the import did to the numbers of one type of the file.
    private static func line(_ record: RoundingRecord) -> String {
        let percent = Figures.decimal(100 * record.relativeError, places: 3)
        return "  \(record.sourceType) rounded to \(record.format): RMS error \(percent)% of RMS"
    }

    private func imported() throws(CommandError) -> (StoredVersion, DeploymentRecord?) {
        var options = ImportOptions(name: name, licence: licence, expectedSHA256: sha256)
        var line = ProgressLine(progress ?? (Console.isErrorTerminal ? .bar : .none))
        let version: StoredVersion
        do throws(ImportError) {
            try options.setFormat(named: format)
        } catch {
            throw CommandError(error)
        }
        let directory = try globals.store.created()
        do throws(ImportError) {
            version = try importModel(at: file, into: directory, options: options) {
                line.show($0)
            }
        } catch {
            line.end()
            throw CommandError(error)
        }
        line.end()
        let current = try storing { () throws(StoreError) in
            try Catalogue(directory, access: .reading).currentDeployment()
        }
        return (version, current)
    }
}
