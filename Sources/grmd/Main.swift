import ArgumentParser
import Daemon
import Foundation

/// The command line of the daemon.
@main
struct Grmd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grmd",
        abstract: "Judges responses of language models for local processes.",
        discussion: """
            Settings come from the configuration file, then GRMD_... variables of the environment, \
            then flags; the last one wins.

            Examples:
              grmd --config /etc/grmd/grmd.toml
              grmd --state ~/grmd --scoring-socket /tmp/score.sock --admin-socket /tmp/admin.sock
              grmd --set engine.threads=4 --set limits.requests=64

            Exit codes: 0 stopped, 1 failure, 2 usage, 5 another grmd is running, 65 the store was \
            written by a newer release, 77 permission, 78 configuration.
            """,
        version: DaemonState.version
    )

    @Option(name: .long, help: "Configuration file (TOML).")
    var config: String?
    @Option(name: .long, help: "Folder of the model store.")
    var state: String?
    @Option(name: .long, help: "Path of the scoring socket.")
    var scoringSocket: String?
    @Option(name: .long, help: "Path of the admin socket.")
    var adminSocket: String?
    @Option(name: .long, help: "Any setting, as key=value. May be repeated.")
    var set: [String] = []
    @Flag(name: .long, help: "Check the configuration, print it and exit.")
    var check = false

    mutating func run() async throws {
        let read = reader()
        do {
            if check {
                dump(try read())
            } else {
                try await Daemon(readConfiguration: read).run()
            }
        } catch {
            FileHandle.standardError.write(Data("grmd: \(error)\n".utf8))
            throw ExitCode(Daemon.exitCode(of: error))
        }
    }

    /// Reads all layers; called again at a reload.
    private func reader() -> @Sendable () throws -> Configuration {
        let file = config
        let flags = [
            ("state_directory", state.map(absolute)),
            ("scoring_socket.path", scoringSocket.map(absolute)),
            ("admin_socket.path", adminSocket.map(absolute)),
        ]
        let settings = set
        return {
            var layers = ConfigurationLayers()
            if let file { try layers.add(file: file) }
            layers.add(environment: ProcessInfo.processInfo.environment)
            for (key, value) in flags {
                if let value { try layers.set(key, to: value, source: "flag") }
            }
            for setting in settings {
                let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else {
                    throw ConfigurationError(
                        source: "--set",
                        key: setting,
                        expected: "key=value",
                        found: setting
                    )
                }
                try layers.set(parts[0], to: parts[1], source: "--set")
            }
            return try Configuration(layers)
        }
    }

    private func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).path
    }
}
