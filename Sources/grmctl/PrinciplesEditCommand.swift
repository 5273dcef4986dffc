import ArgumentParser
import SwiftProtobuf
import Wire

struct PrinciplesEditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Put other principles in the place of a set.",
        discussion: """
            The set gets the id of its new text, and begins without uses and scores. It stays pinned \
            if it was.

            Example:
              grmctl principles edit 3f2a9c1d 0b6e2f9a4c7d1835 --principle "Facts are right." \
            --principle "Short."
            """
    )

    @Argument(help: "The key, or 8 or more of its first digits.")
    var key: String

    @Argument(help: "The id of the set.")
    var set: String

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A principle; give it once for each.", valueName: "text")
    )
    var principle: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "The weight of a principle; give none, or one for each, in the same order.",
            valueName: "number"
        )
    )
    var weight: [Float] = []

    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard !principle.isEmpty else {
            throw ValidationError("expected at least one --principle, found none")
        }
        guard weight.isEmpty || weight.count == principle.count else {
            throw ValidationError(
                "--weight: expected none or \(principle.count), found \(weight.count)"
            )
        }
    }

    func run() async throws {
        let key = try PrincipleAddress(key)
        let set = set
        let principles = principle.indices.map { index in
            Grm_V1_Principle.with {
                $0.text = principle[index]
                if !weight.isEmpty { $0.weight = weight[index] }
            }
        }
        let reply = try await globals.admin.call { daemon in
            let whole = try await key.whole(daemon)
            return try await daemon.admin.editPrinciples(
                .with {
                    $0.key = whole
                    $0.setID = set
                    $0.principles = principles
                },
                options: DaemonClient.options(timeout: .seconds(30))
            )
        }
        try Console.write(
            globals.json
                ? ResultJSON.text(reply) : "edited: \(set) is now \(reply.entry.setID)"
        )
    }
}
