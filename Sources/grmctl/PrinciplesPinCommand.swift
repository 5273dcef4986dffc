import ArgumentParser
import SwiftProtobuf
import Wire

struct PrinciplesPinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Keep a set whatever its age and however full the cache is, and use it first.",
        discussion: """
            Examples:
              grmctl principles pin 3f2a9c1d 0b6e2f9a4c7d1835
              grmctl principles pin 3f2a9c1d 0b6e2f9a4c7d1835 --off
            """
    )

    @Argument(help: "The key, or 8 or more of its first digits.")
    var key: String

    @Argument(help: "The id of the set.")
    var set: String

    @Flag(help: "Let a pinned set go again.")
    var off = false

    @OptionGroup var globals: GlobalOptions

    func run() async throws {
        let key = try PrincipleAddress(key)
        let (set, isPinned) = (set, !off)
        let reply = try await globals.admin.call { daemon in
            let whole = try await key.whole(daemon)
            return try await daemon.admin.pinPrinciples(
                .with {
                    $0.key = whole
                    $0.setID = set
                    $0.pinned = isPinned
                },
                options: DaemonClient.options(timeout: .seconds(30))
            )
        }
        try Console.write(
            globals.json
                ? ResultJSON.text(reply)
                : "\(isPinned ? "pinned" : "no longer pinned"): \(reply.entry.setID)"
        )
    }
}
