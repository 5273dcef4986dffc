import Foundation

/// Runs the built grmctl on a store of its own, which goes when the test ends.
final class Grmctl: Sendable {
    /// A folder for whatever the test needs.
    let folder: String
    /// The folder of the store, which is made by the first import.
    var state: String { folder + "/state" }
    /// Where a daemon of the test may listen.
    var socket: String { folder + "/score.sock" }
    var adminSocket: String { folder + "/admin.sock" }

    /// What a command did.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    init() throws {
        // Short: a socket's path has at most 107 bytes.
        let parent = FileManager.default.temporaryDirectory.path
        folder = "\(parent)/grmctl-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
    }

    deinit {
        // A folder left behind in the temporary folder harms nobody.
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs grmctl to its end; `input` stands on its standard input.
    func run(_ arguments: String..., input: String = "") throws -> Outcome {
        try run(arguments, input: input)
    }

    func run(_ arguments: [String], input: String = "") throws -> Outcome {
        let stem = "\(folder)/run-\(UUID().uuidString)"
        try Data(input.utf8).write(to: URL(fileURLWithPath: stem + ".in"))
        let (process, files) = try started(arguments, stem: stem)
        process.waitUntilExit()
        for file in files { try file.close() }
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOfFile: stem + ".out", encoding: .utf8),
            errors: try String(contentsOfFile: stem + ".err", encoding: .utf8)
        )
    }

    /// Runs grmctl and kills it after `seconds`, unless it is done before.
    ///
    /// - Returns: Whether it was still there to be killed.
    func runAndKill(_ arguments: [String], after seconds: Double) throws -> Bool {
        let stem = "\(folder)/killed"
        try Data().write(to: URL(fileURLWithPath: stem + ".in"))
        let (process, files) = try started(arguments, stem: stem)
        Thread.sleep(forTimeInterval: seconds)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        for file in files { try file.close() }
        return process.terminationReason == .uncaughtSignal
    }

    /// Files instead of pipes: nobody has to empty them meanwhile.
    private func started(
        _ arguments: [String],
        stem: String
    ) throws -> (Process, [FileHandle]) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try BuiltPrograms.path("grmctl"))
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["GRMD_STATE"] = state
        environment["GRMD_SOCKET"] = socket
        environment["GRMD_ADMIN_SOCKET"] = adminSocket
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        var files: [FileHandle] = []
        for suffix in [".out", ".err"] {
            try Data().write(to: URL(fileURLWithPath: stem + suffix))
            files.append(try FileHandle(forWritingTo: URL(fileURLWithPath: stem + suffix)))
        }
        files.append(try FileHandle(forReadingFrom: URL(fileURLWithPath: stem + ".in")))
        process.standardOutput = files[0]
        process.standardError = files[1]
        process.standardInput = files[2]
        try process.run()
        return (process, files)
    }
}

extension Grmctl.Outcome {
    /// The JSON object on the standard output.
    func json() throws -> [String: Any] { try Self.object(output) }

    /// The fields of the error that `--json` puts on the last line of the error stream.
    func error() throws -> [String: Any] {
        let line = errors.split(separator: "\n").last.map(String.init) ?? ""
        return try Self.object(line)["error"] as? [String: Any] ?? [:]
    }

    /// The names in the output of `list --json`.
    func versionNames() throws -> [String] {
        let versions = try json()["versions"] as? [[String: Any]] ?? []
        return versions.compactMap { $0["name"] as? String }
    }

    private static func object(_ text: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        return value as? [String: Any] ?? [:]
    }
}
