import ArgumentParser
import SwiftProtobuf
import Wire

struct ActivateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activate",
        abstract: "Make a version the one that judges.",
        discussion: """
            A running grmd verifies and warms the version first; requests in flight end on the one \
            they began with, and on any failure the old one goes on serving. With --offline the \
            version is verified here and judges from the next start; that is refused while grmd runs.

            Example: grmctl activate smol --meta-rm filter-2 --reason "new training run"
            """
    )

    @Argument(
        help: "The judge: its name, or 8 or more digits of its digest.",
        completion: VersionName.completion
    )
    var name: VersionName

    @Option(
        help: ArgumentHelp("The version that filters judgments.", valueName: "name"),
        completion: VersionName.completion
    )
    var metaRm: VersionName?

    @Option(help: "Why, for the log of deployments.")
    var reason = ""

    @Flag(help: "Change the store while no grmd runs.")
    var offline = false

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        if offline {
            let reply = try OfflineLog(globals.store)
                .activate(grm: name.text, metaRM: metaRm?.text, reason: reason)
            try Self.show(reply, globals)
            return
        }
        let request = Grm_V1_ActivateRequest.with {
            $0.grm = name.text
            if let metaRm { $0.metaRm = metaRm.text }
            $0.reason = reason
        }
        let reply = try await globals.admin.call { daemon in
            try await daemon.admin.activate(request, options: DaemonClient.options(timeout: nil))
        }
        try Self.show(reply, globals)
    }

    static func show(
        _ reply: Grm_V1_ActivateReply,
        _ globals: GlobalOptions
    ) throws(CommandError) {
        guard !globals.json else { return try Console.write(ResultJSON.text(reply)) }
        let seconds = Figures.decimal(reply.seconds, places: 2)
        try Console.write("deployment \(reply.deployment.line)\nin \(seconds) s")
        if reply.hasPrevious { try Console.write("before: deployment \(reply.previous.line)") }
    }
}
