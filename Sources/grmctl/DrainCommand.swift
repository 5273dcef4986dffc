import ArgumentParser
import SwiftProtobuf
import Wire

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Make grmd refuse new requests and wait for those in flight.",
        discussion: """
            Fails if requests are left when the time is over. grmd takes requests again after a \
            restart.

            Example: grmctl drain --seconds 20 && systemctl restart grmd
            """
    )

    @Option(help: "Wait at most this long. (default: drain_seconds of grmd's configuration)")
    var seconds: Double?

    @OptionGroup var globals: GlobalOptions

    func validate() throws {
        guard let seconds else { return }
        guard seconds > 0, seconds <= 86_400 else {
            throw ValidationError(
                "--seconds: expected more than 0 and at most 86400, found \(seconds)"
            )
        }
    }

    func run() async throws {
        let request = Grm_V1_DrainRequest.with { $0.secondsMax = seconds ?? 0 }
        let reply = try await globals.admin.call { daemon in
            try await daemon.admin.drain(request, options: DaemonClient.options(timeout: nil))
        }
        if globals.json {
            try Console.write(ResultJSON.text(reply))
        } else if reply.requestsLeft == 0 {
            try Console.write("drained: no requests left")
        }
        guard reply.requestsLeft == 0 else {
            throw CommandError(
                .busy,
                subject: "the drain",
                expected: "no requests left",
                found: "\(reply.requestsLeft)",
                advice: "drain again with more --seconds"
            )
        }
    }
}
