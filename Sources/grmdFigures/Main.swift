import ArgumentParser
import Inference

/// The engine without a daemon, for `tools/figures`: commands in, measurements out.
@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grmd-figures",
        abstract: "Runs a stored version for measurements: JSON lines in, JSON lines out.",
        discussion: """
            Commands:
              {"command": "encode", "conversations": [[{"role": "user", "content": "..."}]]}
              {"command": "complete", "requests": [[[1, 2], [3]]], "samples": 8, "tokens": 128,
               "temperature": 1, "seed": 7}    (on one line)
              {"command": "logits", "prompts": [[1, 2, 3]], "file": "logits.f32"}
              {"command": "statistics"}
            """
    )

    @Option(help: "The folder of the model store.")
    var store: String

    @Option(help: "The version to run, by name or digest.")
    var version: String

    @Option(help: "Compute threads.")
    var threads = 1

    @Option(help: "Bytes of keys and values that the engine may keep.")
    var kvBytes = 4 << 30

    func validate() throws {
        guard (1...1024).contains(threads), kvBytes > 0 else {
            throw ValidationError("--threads takes 1 to 1024, --kv-bytes more than 0")
        }
    }

    func run() async throws {
        let limits = Engine.Limits(keyValueBytesMax: kvBytes, threadCount: threads)
        let model = try FiguresModel(version, in: store, limits: limits)
        try await CommandLoop(model, threadCount: threads).run()
    }
}
