import ArgumentParser
import Foundation

/// What every verb takes, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder of the model store. ($GRMD_STATE, else /var/lib/grmd)",
            valueName: "folder"
        ),
        completion: .directory
    )
    var state: String?

    @Option(
        help: ArgumentHelp(
            "Where scores are asked for. ($GRMD_SOCKET, else /run/grmd/score.sock)",
            valueName: "path"
        ),
        completion: .file()
    )
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "Where grmd is ruled. ($GRMD_ADMIN_SOCKET, else /run/grmd/admin.sock)",
            valueName: "path"
        ),
        completion: .file()
    )
    var adminSocket: String?

    @Flag(help: "Print JSON, for programs.")
    var json = false

    var statePath: String { state ?? Self.environment("GRMD_STATE") ?? "/var/lib/grmd" }
    var scoring: DaemonConnection {
        DaemonConnection(
            socket: socket ?? Self.environment("GRMD_SOCKET") ?? "/run/grmd/score.sock"
        )
    }
    var admin: DaemonConnection {
        DaemonConnection(
            socket: adminSocket ?? Self.environment("GRMD_ADMIN_SOCKET")
                ?? "/run/grmd/admin.sock"
        )
    }
    var store: StoreAccess { StoreAccess(path: statePath) }

    /// A variable that is set to nothing counts as not set.
    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
