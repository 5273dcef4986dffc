import ArgumentParser
import SwiftProtobuf
import Wire

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to the deployment before the current one.",
        discussion: """
            Judge and meta-RM go back together. The log keeps what was: a rollback is one more \
            record of it, so that a second one undoes the first.

            Example: grmctl rollback --reason "scores drifted"
            """
    )

    @Option(help: "Why, for the log of deployments.")
    var reason = ""

    @Flag(help: "Change the store while no grmd runs.")
    var offline = false

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        if offline {
            let reply = try OfflineLog(globals.store).rollback(reason: reason)
            try ActivateCommand.show(reply, globals)
            return
        }
        let request = Grm_V1_RollbackRequest.with { $0.reason = reason }
        let reply = try await globals.admin.call { daemon in
            try await daemon.admin.rollback(request, options: DaemonClient.options(timeout: nil))
        }
        try ActivateCommand.show(reply, globals)
    }
}
