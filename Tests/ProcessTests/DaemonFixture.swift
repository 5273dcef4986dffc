import Foundation
import Testing

/// A store with the tiny model, the built grmd on it and the built grmctl to talk to it.
final class DaemonFixture {
    let grmctl: Grmctl
    /// Kept, since a program that nobody keeps is killed.
    private var daemons: [RunningProgram] = []
    var configurationFile: String { grmctl.folder + "/grmd.toml" }

    /// Imports "a" and, in other numbers, "b"; activates "a" if wanted.
    init(isActive: Bool = true) throws {
        grmctl = try Grmctl()
        for (name, format) in [("a", "keep"), ("b", "q8")] {
            let file = BuiltPrograms.tinyModel
            try expectSuccess(grmctl.run("import", file, "--name", name, "--format", format))
        }
        if isActive { try expectSuccess(grmctl.run("activate", "a", "--offline")) }
        try write(configuration: "")
    }

    func expectSuccess(_ outcome: Grmctl.Outcome) throws {
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    func write(configuration: String) throws {
        try configuration.write(toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    /// Starts a daemon and returns at once.
    func start(
        _ settings: [String] = [],
        socket: String? = nil,
        state: String? = nil,
        environment: [String: String] = [:]
    ) throws -> RunningProgram {
        let arguments = [
            "--config", configurationFile, "--state", state ?? grmctl.state,
            "--scoring-socket", socket ?? grmctl.socket,
            "--admin-socket", (socket ?? grmctl.socket) + ".admin",
            "--set", "engine.threads=1", "--set", "cache_directory=\(grmctl.folder)/cache",
        ]
        let daemon = try RunningProgram(
            "grmd",
            arguments + settings.flatMap { ["--set", $0] },
            in: grmctl.folder,
            environment: environment
        )
        daemons.append(daemon)
        return daemon
    }

    /// Starts a daemon and waits until it serves.
    @discardableResult
    func startReady(
        _ settings: [String] = [],
        environment: [String: String] = [:]
    ) throws -> RunningProgram {
        let daemon = try start(settings, environment: environment)
        let isReady = try eventually { daemon.errors.contains(" ready") || !daemon.isRunning }
        try #require(isReady && daemon.isRunning, "\(daemon.errors)")
        return daemon
    }

    // MARK: Calls

    /// Runs grmctl against this daemon's sockets.
    func call(_ arguments: String...) throws -> Grmctl.Outcome {
        try grmctl.run(arguments + ["--admin-socket", grmctl.socket + ".admin"])
    }

    func status() throws -> [String: Any] { try call("status", "--json").json() }

    func count(_ group: String, _ name: String) throws -> Int {
        let group = try status()[group] as? [String: Any]
        // Numbers of 64 bits are texts in protobuf JSON, and zeros are left out.
        return (group?[name] as? NSNumber)?.intValue ?? Int(group?[name] as? String ?? "0") ?? 0
    }

    /// Arguments of a small request.
    func small(seed: Int, k: Int = 4) -> [String] {
        [
            "score", "--json", "--prompt", "What is the capital of France?", "--response", "Paris.",
            "--response", "Lyon, I think.", "--k", "\(k)", "--seed", "\(seed)", "--max-tokens",
            "24", "--temperature", "1",
        ]
    }

    /// Starts a request that takes a while, and waits until the engine works on it.
    func startLong(k: Int, tokens: Int) throws -> RunningProgram {
        let request = try RunningProgram(
            "grmctl",
            [
                "score", "--json", "--socket", grmctl.socket, "--prompt", "Which?", "--response",
                "This.", "--response", "That.", "--k", "\(k)", "--seed", "1", "--max-tokens",
                "\(tokens)", "--temperature", "1",
            ],
            in: grmctl.folder
        )
        let isRunning = try eventually {
            guard request.isRunning else { return true }
            return try count("load", "samples_running") > 0
        }
        try #require(isRunning && request.isRunning, "\(request.errors) \(request.output)")
        return request
    }

    /// What must be the same for one seed: scores and judgments, without times and counts.
    func verdict(_ outcome: Grmctl.Outcome) throws -> String {
        try expectSuccess(outcome)
        return try verdict(outcome.json())
    }

    func verdict(_ reply: [String: Any]) throws -> String {
        let judgments = try #require(reply["judgments"] as? [[String: Any]])
        let parts: [Any] = judgments.map { judgment in
            ["order", "scores", "outcome", "text", "generated_tokens"].map { judgment[$0] ?? "" }
        }
        let scores = try #require(reply["scores"] as? [[String: Any]])
        let data = try JSONSerialization.data(
            withJSONObject: [parts, scores],
            options: [.sortedKeys]
        )
        return String(decoding: data, as: UTF8.self)
    }
}

/// The permission bits of a file.
func permissions(_ path: String) throws -> Int? {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue
}
