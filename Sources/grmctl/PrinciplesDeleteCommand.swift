import ArgumentParser
import SwiftProtobuf
import Wire

struct PrinciplesDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove one kept set, or all of a key; pinned ones too.",
        discussion: """
            Examples:
              grmctl principles delete 3f2a9c1d 0b6e2f9a4c7d1835
              grmctl principles delete 3f2a9c1d --all
            """
    )

    @Argument(help: "The key, or 8 or more of its first digits.")
    var key: String

    @Argument(help: "The id of the set.")
    var set: String?

    @Flag(help: "Instead of one set, all of the key.")
    var all = false

    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard all == (set == nil), set != "" else {
            throw ValidationError("expected the id of a set or --all, found both or neither")
        }
    }

    func run() async throws {
        let key = try PrincipleAddress(key)
        let set = set ?? ""
        let reply = try await globals.admin.call { daemon in
            let whole = try await key.whole(daemon)
            return try await daemon.admin.deletePrinciples(
                .with {
                    $0.key = whole
                    $0.setID = set
                },
                options: DaemonClient.options(timeout: .seconds(30))
            )
        }
        try Console.write(
            globals.json ? ResultJSON.text(reply) : "deleted: \(reply.deleted)"
        )
    }
}
