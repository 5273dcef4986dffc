import ArgumentParser
import Import
import Store
import Wire

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Add a model, or an adapter or head of one, to the store as a new version.",
        discussion: """
            PATH is a GGUF file; a folder as Hugging Face has it (config.json, tokenizer.json and \
            model.safetensors or its index of shards) or the model.safetensors in it; a folder with a \
            LoRA adapter of PEFT; or a folder with probe.safetensors. Adapters and probes go onto a \
            version that is in the store: what they change is written, the rest is shared. Links are \
            not followed.

            The version is there when the command has ended well, and not before: an import that is \
            interrupted leaves nothing that grmd or `list` would see. Importing the same again under \
            the same name changes nothing. Numbers that the format cannot hold are rounded to the \
            nearest that it can; how far is printed, for an adapter as a share of its change.

            Examples:
              grmctl import model.Q4_1.gguf --name smol --licence apache-2.0
              grmctl import Qwen2.5-1.5B-Instruct --quantize q8
              grmctl import judge-lora --onto smol --name judge-1 --prompt-template t.txt
              grmctl import meta-rm --role meta-rm --meta-threshold 0.4
              grmctl import judge-probe --onto judge-1 --name judge-1-probe
            """
    )

    @Argument(
        help: ArgumentHelp("The file or folder.", valueName: "path"),
        completion: .file()
    )
    var file: String

    @Option(
        help: "The name of the version. (default: that of the file or folder less its extension)"
    )
    var name: String?

    @Option(
        name: [.long, .customLong("format")],
        help: ArgumentHelp(
            "The number format of all matrices that are written: "
                + ImportOptions.formatNames.joined(separator: ", ")
                + ". With keep, what an adapter changes of a 4-bit version becomes q8.",
            valueName: "format"
        ),
        completion: .list(ImportOptions.formatNames)
    )
    var quantize = "keep"

    @Option(
        help: ArgumentHelp(
            "The version that an adapter or a probe goes onto: its name, or 8 or more digits of its "
                + "digest.",
            valueName: "version"
        ),
        completion: VersionName.completion
    )
    var onto: VersionName?

    @Option(
        help: """
            What the version is for: grm judges, meta-rm says how likely a judgment is right by its \
            score head. (default: grm, or that of the version given with --onto)
            """
    )
    var role: ImportOptions.Role?

    @Option(
        help: ArgumentHelp(
            "Of a meta-RM or a probe: judgments with a lower probability do not count.",
            valueName: "probability"
        )
    )
    var metaThreshold: Double?

    @Option(
        help: ArgumentHelp(
            "A prompt template, at most 64 KiB of UTF-8. (default: grmd's own, or that of the "
                + "version given with --onto)",
            valueName: "file"
        ),
        completion: .file()
    )
    var promptTemplate: String?

    @Option(
        help: ArgumentHelp(
            "How the version judges where a request names no way, as for `score`. (default: list, or "
                + "that of the version given with --onto)",
            valueName: "way"
        )
    )
    var mode: ScoreOptions.ModeName?

    @Option(
        help: "The read-out where a request names none. (default: sampled, or that of --onto)"
    )
    var readout: ScoreOptions.ReadoutName?

    @Option(
        help: "Tokens of a judgment before its last line where a request names no number; 0: none."
    )
    var maxTokens: UInt32?

    @Option(
        name: [.customLong("licence"), .customLong("license")],
        help: "The licence. (default: what the file or the version given with --onto says)"
    )
    var licence: String?

    @Option(
        name: .customLong("sha256"),
        help: ArgumentHelp(
            "The SHA-256 that the file must have; of a folder, that of its files' digests, 32 bytes "
                + "each, in the order of their names.",
            valueName: "hex"
        )
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

    /// What the import did to the numbers of one type of the file, or to what an adapter changes.
    private static func line(_ record: RoundingRecord) -> String {
        let percent = Figures.decimal(100 * record.relativeError, places: 3)
        let line = "  \(record.sourceType) rounded to \(record.format): RMS error \(percent)% of"
        guard record.sourceType == ImportOptions.mergedSourceType else { return line + " RMS" }
        // Rounding to 8 bits adds noise; steps of 4 bits take back what is smaller than they are.
        let isLost = record.format.hasPrefix("q4") && record.relativeError > 0.5
        let advice = "; 4 bits keep little of it, --quantize q8 keeps all"
        return line + " the update's RMS" + (isLost ? advice : "")
    }

    private func options() throws(ImportError) -> ImportOptions {
        var options = ImportOptions(name: name, licence: licence, expectedSHA256: sha256)
        try options.setFormat(named: quantize)
        options.onto = onto?.text
        options.role = role
        options.metaThreshold = metaThreshold
        options.mode = mode?.rawValue.replacing("-", with: "_")
        options.readout = readout?.rawValue
        options.maxJudgmentTokens = maxTokens
        if let promptTemplate {
            options.promptTemplate = try readPromptTemplate(at: promptTemplate)
        }
        return options
    }

    private func imported() throws(CommandError) -> (StoredVersion, DeploymentRecord?) {
        var line = ProgressLine(progress ?? (Console.isErrorTerminal ? .bar : .none))
        let options: ImportOptions
        let version: StoredVersion
        do throws(ImportError) {
            options = try self.options()
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

extension ImportOptions.Role: ExpressibleByArgument {}
